import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { gitBed } from "./bed.fixture.ts";

const there = async (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

describe("the forge of plain git", () => {
  it("creates a repository that is found by name only, reuses what a killed start left, and removes it", async () => {
    await using bed = await gitBed();
    const { forge, folder } = bed;
    const found = await forge.find({ name: "team/new" });
    expect(await forge.find({ name: "team/new" })).toEqual(found);
    expect(found).toEqual({ remoteId: expect.stringMatching(/^[0-9a-f]{32}$/), defaultBranch: "main" });
    const repository = { id: "2", name: "team/new", ...found };
    expect([...(await forge.refs(repository))]).toEqual([]);
    await forge.deactivate(repository);
    expect(await there(join(folder, "made/team/new.git"))).toBe(false);
    await expect(forge.refs(repository)).rejects.toMatchObject({ code: "not-found" });
  });

  it("leaves an attached repository as it was, and its default branch alone", async () => {
    await using bed = await gitBed();
    const { forge, repository, bare } = bed;
    await forge.activate(repository);
    expect(await there(join(bare, "hooks/post-receive"))).toBe(true);
    await bed.git("checkout", "--quiet", "-b", "trunk");
    await bed.commit("first", {});
    await bed.push("trunk");
    for await (const news of forge.missed(repository, new Map()))
      expect(news).toMatchObject({ event: { repository: { defaultBranch: "trunk" } } });
    expect(await readFile(join(bare, "HEAD"), "utf8")).toBe("ref: refs/heads/main\n");
    await forge.deactivate(repository);
    expect(await there(join(bare, "hooks/post-receive"))).toBe(false);
    expect(await there(join(bare, "HEAD"))).toBe(true);
  });

  it("keeps a report while nobody listens", async () => {
    await using bed = await gitBed();
    const { forge, repository } = bed;
    await forge.activate(repository);
    await bed.commit("first", {});
    await bed.push("main");
    await forge.reports.follow(repository);
    expect(bed.warnings).toContain("cannot handle a push; retrying");
  });
});
