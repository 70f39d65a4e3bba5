import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { pushEvent, type GitRepository } from "../../src/forge/git/event.ts";
import { changedFiles } from "../../src/forge/git/history.ts";
import { zeroSha } from "../../src/forge/git/names.ts";
import { Testbed } from "../../src/forge/git/testbed.ts";

function about(bed: Testbed): GitRepository {
  return {
    path: bed.bare,
    id: "1",
    remoteId: "1",
    name: "team/app",
    defaultBranch: "main",
    cloneUrl: "http://127.0.0.1/git/team/app.git",
  };
}

describe("the event of a hostile commit", () => {
  it("names no file when a few objects stand for more of them than can be listed, in bounded time and memory", async () => {
    await using bed = await Testbed.create();
    const object = (args: readonly string[], input: string): string =>
      execFileSync("git", args, { cwd: bed.bare, input, encoding: "utf8" }).trim();
    const folder = (kind: string, sha: string): string =>
      object(["mktree"], Array.from({ length: 10 }, (_, index) => `${kind} ${sha}\t${index}\n`).join(""));
    let tree = folder("100644 blob", object(["hash-object", "-w", "--stdin"], "x"));
    for (let level = 0; level < 9; level += 1) tree = folder("040000 tree", tree);
    const first = await bed.commit("small", { "a.txt": "1" });
    await bed.push("main");
    const sha = await bed.git(bed.bare, "commit-tree", tree, "-p", first, "-m", "ten thousand million files");
    await bed.git(bed.bare, "update-ref", "refs/heads/main", sha);
    const event = await pushEvent(about(bed), { before: first, after: sha, ref: "refs/heads/main" }, "ada");
    expect(event).toMatchObject({
      sha,
      commit: { message: "ten thousand million files" },
      payload: { forced: false, head_commit: { added: [] } },
    });
    expect(event?.changedFiles).toBeUndefined();
    expect(await changedFiles(bed.bare, first, sha, "main")).toBeUndefined();
  });

  it("leaves out a message that is larger than an event may be", async () => {
    await using bed = await Testbed.create();
    await bed.commit("any", { "a.txt": "1" });
    const tree = await bed.git(bed.tree, "rev-parse", "HEAD^{tree}");
    const author = "Ada <ada@example.org> 1700000000 +0000";
    await writeFile(
      join(bed.folder, "commit"),
      `tree ${tree}\nauthor ${author}\ncommitter ${author}\n\n${"a message without an end ".repeat(3_000_000)}\n`,
    );
    const sha = await bed.git(bed.tree, "hash-object", "-t", "commit", "-w", join(bed.folder, "commit"));
    await bed.push(`${sha}:refs/heads/main`);
    expect(await pushEvent(about(bed), { before: zeroSha, after: sha, ref: "refs/heads/main" }, "ada")).toMatchObject({
      sha,
      commit: { message: "", author: { email: "ada@example.org" } },
    });
  });
});
