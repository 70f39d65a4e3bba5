import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { eventSchema } from "../../model/index.ts";
import { manualEvent, pushEvent, type GitRepository } from "./event.ts";
import { resolveCommit } from "./history.ts";
import { isRef, repositoryNameSchema, zeroSha } from "./names.ts";
import { Testbed } from "./testbed.ts";

function about(bed: Testbed): GitRepository {
  return {
    path: bed.bare,
    id: "1",
    remoteId: "7",
    name: "team/app",
    defaultBranch: "main",
    cloneUrl: "http://127.0.0.1/git/team/app.git",
  };
}

describe("the event of a push", () => {
  it("contains commits, changed paths and flags of an ordinary push", async () => {
    await using bed = await Testbed.create();
    const first = await bed.commit("first", { "a.txt": "1", "gone.txt": "1" });
    await bed.push("main");
    await bed.git(bed.tree, "rm", "--quiet", "gone.txt");
    const second = await bed.commit("second\n\nwith a body", { "a.txt": "2", "dir/new file.txt": "1" });
    const third = await bed.commit("third", { "b.txt": "1" });
    await bed.push("main");
    const event = await pushEvent(about(bed), { before: first, after: third, ref: "refs/heads/main" }, "ada");
    expect(eventSchema.parse(event)).toMatchObject({
      kind: "push",
      ref: "refs/heads/main",
      sha: third,
      before: first,
      sender: { login: "ada" },
      commit: { message: "third", author: { email: "ada@example.org" } },
    });
    expect(event?.changedFiles?.toSorted()).toEqual(["a.txt", "b.txt", "dir/new file.txt", "gone.txt"]);
    expect(event?.payload).toMatchObject({
      created: false,
      forced: false,
      deleted: false,
      total_commits: 2,
      head_commit: { id: third, added: ["b.txt"] },
      repository: { full_name: "team/app", owner: { login: "team" } },
    });
    expect(event?.payload["commits"]).toMatchObject([
      { id: third },
      {
        id: second,
        message: "second\n\nwith a body",
        added: ["dir/new file.txt"],
        modified: ["a.txt"],
        removed: ["gone.txt"],
      },
    ]);
  });

  it("compares a new branch with where it left the default branch, and the first push with nothing", async () => {
    await using bed = await Testbed.create();
    const first = await bed.commit("first", { "a.txt": "1" });
    await bed.push("main");
    expect(
      (await pushEvent(about(bed), { before: zeroSha, after: first, ref: "refs/heads/main" }, "ada"))?.changedFiles,
    ).toBeUndefined();
    await bed.git(bed.tree, "checkout", "--quiet", "-b", "topic");
    const topic = await bed.commit("topic", { "t.txt": "1" });
    await bed.push("topic");
    expect(
      await pushEvent(about(bed), { before: zeroSha, after: topic, ref: "refs/heads/topic" }, "ada"),
    ).toMatchObject({ changedFiles: ["t.txt"], payload: { created: true } });
  });

  it("marks rewritten history, and leads an annotated tag to its commit", async () => {
    await using bed = await Testbed.create();
    await bed.commit("base", { "a.txt": "1" });
    const old = await bed.commit("old", { "a.txt": "2" });
    await bed.push("main");
    await bed.git(bed.tree, "reset", "--quiet", "--hard", "HEAD^");
    const other = await bed.commit("other", { "a.txt": "3" });
    await bed.git(bed.tree, "tag", "-a", "v1", "-m", "one");
    await bed.push("--force", "main", "v1");
    expect(await pushEvent(about(bed), { before: old, after: other, ref: "refs/heads/main" }, "ada")).toMatchObject({
      payload: { forced: true },
    });
    const tag = await bed.git(bed.tree, "rev-parse", "v1");
    expect(tag).not.toBe(other);
    expect(await pushEvent(about(bed), { before: zeroSha, after: tag, ref: "refs/tags/v1" }, "ada")).toMatchObject({
      sha: other,
      ref: "refs/tags/v1",
      payload: { after: tag },
    });
  });

  it("exists for a commit whose date git cannot print", async () => {
    await using bed = await Testbed.create();
    await bed.commit("any", {});
    const tree = await bed.git(bed.tree, "rev-parse", "HEAD^{tree}");
    await writeFile(
      join(bed.folder, "commit"),
      `tree ${tree}\nauthor Ada <ada@example.org> 0 -1200\ncommitter Ada <ada@example.org> 0 -1200\n\nlong ago\n`,
    );
    const sha = await bed.git(bed.tree, "hash-object", "-t", "commit", "-w", join(bed.folder, "commit"));
    await bed.push(`${sha}:refs/heads/main`);
    expect(await pushEvent(about(bed), { before: zeroSha, after: sha, ref: "refs/heads/main" }, "ada")).toMatchObject({
      sha,
      commit: { message: "long ago", timestamp: "1970-01-01T00:00:00+00:00" },
    });
  });

  it("does not exist for a deleted ref, and for objects that are missing or not commits", async () => {
    await using bed = await Testbed.create();
    const sha = await bed.commit("first", { "a.txt": "1" });
    await bed.push("main");
    const blob = await bed.git(bed.tree, "rev-parse", `${sha}:a.txt`);
    for (const after of [zeroSha, "f".repeat(40), blob]) {
      expect(await pushEvent(about(bed), { before: zeroSha, after, ref: "refs/heads/main" }, "ada")).toBeUndefined();
    }
  });

  it("keeps hostile authors, messages and paths as text", async () => {
    await using bed = await Testbed.create();
    await bed.git(bed.tree, "config", "user.name", "x");
    const message = "A\nM\n$(touch /tmp/no) `id` ${{ github.token }} \u001b[31m";
    const sha = await bed.commit(message, { "A\n--exec=x": "1", "\u0001\u0002": "1" });
    await bed.push("main");
    const event = await pushEvent(about(bed), { before: zeroSha, after: sha, ref: "refs/heads/main" }, "ada");
    expect(event?.commit?.message).toBe(message.trimEnd());
    expect(event?.payload["head_commit"]).toMatchObject({ added: ["\u0001\u0002", "A\n--exec=x"] });
  });
});

describe("names", () => {
  it("resolves branches and tags, and no revision syntax", async () => {
    await using bed = await Testbed.create();
    const sha = await bed.commit("first", { "a.txt": "1" });
    await bed.git(bed.tree, "tag", "v1");
    await bed.push("main", "v1");
    expect(await resolveCommit(bed.bare, "main")).toEqual({ ref: "refs/heads/main", sha });
    expect(await resolveCommit(bed.bare, "v1")).toEqual({ ref: "refs/tags/v1", sha });
    for (const name of ["main~0", "main^{tree}", "--all", "@{u}", "main:a.txt", "a..b", "x\ny"])
      expect(await resolveCommit(bed.bare, name)).toBeUndefined();
  });

  it("makes the event of a start by hand", async () => {
    await using bed = await Testbed.create();
    const sha = await bed.commit("first", { "a.txt": "1" });
    await bed.push("main");
    const event = await manualEvent(
      about(bed),
      { ref: "refs/heads/main", sha },
      { sender: "ada", inputs: { level: "high" } },
    );
    expect(eventSchema.parse(event)).toMatchObject({
      kind: "manual",
      sha,
      inputs: { level: "high" },
      commit: { message: "first" },
      payload: { inputs: { level: "high" } },
    });
  });

  it("allows refs as git does", () => {
    for (const ref of [
      "refs/heads/main",
      "refs/heads/a/b-c",
      "refs/tags/v1.0",
      "refs/heads/ünïcode",
      "refs/heads/--upload-pack=x",
    ])
      expect(isRef(ref)).toBe(true);
    for (const ref of [
      "main",
      "refs/heads/",
      "refs/notes/x",
      "refs/heads/a..b",
      "refs/heads/.a",
      "refs/heads/a.lock",
      "refs/heads/a b",
      "refs/heads/a\nb",
      "refs/heads/a~1",
      "refs/heads/a//b",
      "refs/heads/a/",
      "refs/heads/@{x",
      `refs/heads/${"ü".repeat(600)}`,
    ])
      expect(isRef(ref)).toBe(false);
  });

  it("refuses repository names that lead elsewhere", () => {
    for (const name of ["app", "team/app", "a.b_c-d", "_x"])
      expect(repositoryNameSchema.safeParse(name).success).toBe(true);
    for (const name of [
      "",
      "/",
      "..",
      "a/..",
      "../a",
      "a/b/c",
      ".a",
      "-a",
      "a/-b",
      "a..b",
      "a.git",
      "a.lock",
      "a.",
      "a b",
      "a\0",
      "a%2f",
      "a\\b",
      "x".repeat(102),
    ])
      expect(repositoryNameSchema.safeParse(name).success).toBe(false);
  });
});
