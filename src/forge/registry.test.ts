import { readdir, readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { gitBed } from "./git/bed.fixture.ts";
import { adapters, forgesOf } from "./registry.ts";

describe("the registry of forges", () => {
  it("lists every adapter folder, and the guide describes each", async () => {
    const entries = await readdir(new URL(".", import.meta.url), { withFileTypes: true });
    const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
    const guide = await readFile(new URL("../../docs/guide/forges.md", import.meta.url), "utf8");
    const described = [...guide.matchAll(/^\| `(\w+)` \|/gm)].map(([, kind]) => kind);
    expect(Object.keys(adapters).toSorted()).toEqual(folders.toSorted());
    expect(described.toSorted()).toEqual(folders.toSorted());
  });

  it("finds the forge that a repository lives on, and says so when it is not configured", async () => {
    await using bed = await gitBed();
    const forges = forgesOf([bed.forge]);
    expect(forges.of({ name: "app", forge: "git" })).toBe(bed.forge);
    expect(() => forges.of({ name: "app", forge: "hub" })).toThrow(
      expect.objectContaining({
        code: "forge-unavailable",
        message: "The forge hub of app is not configured.",
      }),
    );
  });
});
