import { chmod, symlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readFiles } from "./files.ts";
import { Testbed } from "./testbed.ts";

describe("reading files of a commit", () => {
  it("reads the named files and everything below the named folders, and nothing else", async () => {
    await using bed = await Testbed.create();
    const odd = ".github/workflows/ spaced 'näme'\n\tline.yml";
    const sha = await bed.commit("first", {
      ".github/workflows/ci.yml": "on: push\n",
      ".github/workflows/deep/x.yml": "x",
      ".github/workflows/no.txt": "x",
      [odd]: "odd",
      ".woodpecker.yml": "steps: []\n",
      "src/main.ts": "no",
      ".github/workflows.txt": "no",
    });
    await bed.push("main");
    const files = await readFiles(
      bed.bare,
      sha,
      [".github/workflows/", ".woodpecker.yml", ".gitea/workflows/", "src", "src/main.ts/below", "src/main.ts/"],
      (name) => !name.endsWith(".txt"),
    );
    expect(new Map(files.map((file) => [file.path, file.text]))).toEqual(
      new Map([
        [".github/workflows/ci.yml", "on: push\n"],
        [odd, "odd"],
        [".woodpecker.yml", "steps: []\n"],
      ]),
    );
  });

  it("leaves out links, and keeps executable files", async () => {
    await using bed = await Testbed.create();
    await bed.commit("first", { "w/a.yml": "a" });
    await chmod(join(bed.tree, "w/a.yml"), 0o755);
    await symlink("/etc/passwd", join(bed.tree, "w/b.yml"));
    await symlink("/etc/passwd", join(bed.tree, "link.yml"));
    const sha = await bed.commit("links", {});
    await bed.push("main");
    expect((await readFiles(bed.bare, sha, ["w/", "link.yml"])).map((file) => file.path)).toEqual(["w/a.yml"]);
  });

  it("cuts a file over 1 MiB so that it is seen to be too large, and reads on behind it", async () => {
    await using bed = await Testbed.create();
    const sha = await bed.commit("big", { "w/a.yml": "a".repeat(3_000_000), "w/b.yml": "b" });
    await bed.push("main");
    const files = await readFiles(bed.bare, sha, ["w/"]);
    expect(files.map((file) => [file.path, file.text.length])).toEqual([
      ["w/a.yml", 1024 * 1024 + 1],
      ["w/b.yml", 1],
    ]);
  });

  it("reports a missing commit, also for hostile names", async () => {
    await using bed = await Testbed.create();
    for (const sha of ["0".repeat(40), "f".repeat(40), "--batch-check", "HEAD\nHEAD", ""]) {
      await expect(readFiles(bed.bare, sha, ["w/"])).rejects.toMatchObject({ code: "not-found" });
    }
  });

  it("rejects instead of waiting if it is not a repository", async () => {
    await using bed = await Testbed.create();
    await expect(readFiles(bed.folder, "a".repeat(40), ["w"])).rejects.toMatchObject({ code: "git-failed" });
  });

  it("refuses a commit whose files have more than 16 MiB together", async () => {
    await using bed = await Testbed.create();
    const sha = await bed.commit(
      "large",
      Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`w/${index}.yml`, "x".repeat(1024 * 1024)])),
    );
    await bed.push("main");
    await expect(readFiles(bed.bare, sha, ["w/"])).rejects.toMatchObject({
      code: "payload-too-large",
      message: expect.stringContaining("16 MiB"),
    });
  });
});
