import { chown, mkdir, readdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createRepository, inspectRepository, sweepAbandoned } from "./repository.ts";
import { Testbed } from "./testbed.ts";

describe("repositories on disk", () => {
  it("are made whole, with the branch that was asked for", async () => {
    await using bed = await Testbed.create();
    const path = join(bed.folder, "deep", "er", "x.git");
    await createRepository(path, "trunk");
    expect(await inspectRepository(path)).toEqual({ path, defaultBranch: "trunk" });
    await expect(createRepository(path, "trunk")).rejects.toMatchObject({ code: "already-exists" });
    await expect(createRepository(join(bed.folder, "y.git"), "--bad..branch")).rejects.toMatchObject({
      code: "call-invalid",
    });
    expect(await readdir(join(bed.folder, "deep", "er"))).toEqual(["x.git"]);
  });

  it("lose the remains of a killed push once no push can last that long", async () => {
    await using bed = await Testbed.create();
    const left = join(bed.bare, "objects", "tmp_objdir-incoming-x");
    await mkdir(join(left, "pack"), { recursive: true });
    await sweepAbandoned(bed.bare, Date.now());
    expect(await readdir(left)).toEqual(["pack"]);
    await sweepAbandoned(bed.bare, Date.now() + 25 * 3_600_000);
    expect(await readdir(join(bed.bare, "objects"))).toEqual(["info", "pack"]);
  });

  it("are not created twice by two concurrent callers", async () => {
    await using bed = await Testbed.create();
    const path = join(bed.folder, "x.git");
    const results = await Promise.allSettled([createRepository(path, "main"), createRepository(path, "main")]);
    expect(results.filter((each) => each.status === "fulfilled").length).toBeGreaterThan(0);
    expect((await readdir(bed.folder)).filter((name) => name.startsWith("x.git"))).toEqual(["x.git"]);
  });

  it("are attached only when they are bare, and are named by their true path", async () => {
    await using bed = await Testbed.create();
    await symlink(bed.bare, join(bed.folder, "link.git"));
    expect((await inspectRepository(join(bed.folder, "link.git"))).path).toBe(bed.bare);
    await expect(inspectRepository(bed.tree)).rejects.toMatchObject({
      code: "call-invalid",
      message: expect.stringContaining("working tree"),
    });
    await expect(inspectRepository(join(bed.folder, "absent"))).rejects.toMatchObject({ code: "call-invalid" });
    await expect(inspectRepository(join(bed.bare, "objects"))).rejects.toMatchObject({
      code: "call-invalid",
      message: expect.stringContaining("inside"),
    });
    await mkdir(join(bed.folder, "plain"));
    await expect(inspectRepository(join(bed.folder, "plain"))).rejects.toMatchObject({ code: "call-invalid" });
  });

  it("are attached with the branch that people push, when HEAD names one that nobody ever pushed", async () => {
    await using bed = await Testbed.create();
    await bed.commit("one", { a: "a" });
    const path = join(bed.folder, "other.git");
    await bed.git(bed.folder, "init", "--quiet", "--bare", "--initial-branch=master", path);
    expect(await inspectRepository(path)).toMatchObject({ defaultBranch: "master" });
    await bed.git(bed.tree, "push", "--quiet", path, "HEAD:refs/heads/develop");
    expect(await inspectRepository(path)).toMatchObject({ defaultBranch: "develop" });
    await bed.git(bed.tree, "push", "--quiet", path, "HEAD:refs/heads/main");
    expect(await inspectRepository(path)).toMatchObject({ defaultBranch: "main" });
    await bed.git(bed.tree, "push", "--quiet", path, "HEAD:refs/heads/master");
    expect(await inspectRepository(path)).toMatchObject({ defaultBranch: "master" });
  });

  it.runIf(process.getuid?.() === 0)(
    "are not attached when another user owns them, whose hooks would run as us",
    async () => {
      await using bed = await Testbed.create();
      await chown(bed.bare, 12_345, 12_345);
      await expect(inspectRepository(bed.bare)).rejects.toMatchObject({ code: "forbidden" });
    },
  );
});
