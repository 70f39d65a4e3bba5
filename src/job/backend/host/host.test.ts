import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { scratchFolder } from "../../testing.ts";
import { describeBackend } from "../conformance/suite.ts";
import { HostFiles } from "./files.ts";
import { hostBackend } from "./index.ts";

const scratch = scratchFolder();
afterAll(() => scratch.remove());

describeBackend({ name: "host", load: async () => hostBackend({ workRoot: join(scratch.path, "work") }) });

describe("copying files of this machine", () => {
  it("copies everything except job folders, and keeps links", async () => {
    const from = join(scratch.path, "all");
    const work = join(from, "work");
    mkdirSync(join(from, "d"), { recursive: true });
    mkdirSync(join(work, "job-x"), { recursive: true });
    writeFileSync(join(from, "d", "a"), "1");
    symlinkSync("/nowhere", join(from, "l"));
    const to = join(scratch.path, "all copied");
    mkdirSync(to);
    const files = new HostFiles(join(work, "job-x"), work);
    await files.copy(from, to);
    expect(
      (await files.list(to, { hidden: true })).map((entry) => `${entry.path.slice(to.length)} ${entry.kind}`),
    ).toEqual([" folder", "/d folder", "/d/a file", "/l link"]);
  });

  it("replaces the named files, and removes those that the source lacks", async () => {
    const from = join(scratch.path, "some");
    const to = join(scratch.path, "some copied");
    for (const folder of [from, to]) mkdirSync(join(folder, "d"), { recursive: true });
    writeFileSync(join(from, "d", "a"), "new");
    writeFileSync(join(from, "other"), "");
    writeFileSync(join(to, "d", "a"), "old");
    writeFileSync(join(to, "gone"), "");
    const files = new HostFiles("/none", "/none");
    await files.copy(from, to, ["d/a", "gone"]);
    expect(readFileSync(join(to, "d", "a"), "utf8")).toBe("new");
    expect(await files.names(to)).toEqual(["d"]);
  });
});
