import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { scratchFolder } from "../../testing.ts";
import { findProgram } from "./programs.ts";

const scratch = scratchFolder();
afterAll(() => scratch.remove());

describe("findProgram", () => {
  it("searches only absolute folders, and skips files that are not executable", () => {
    const folder = join(scratch.path, "programs");
    mkdirSync(join(folder, "directory"), { recursive: true });
    writeFileSync(join(folder, "plain"), "");
    expect(findProgram(["plain"], folder)).toBeUndefined();
    expect(findProgram(["directory"], folder)).toBeUndefined();
    expect(findProgram(["no-such-shell", "sh"], "relative:/usr/bin:/bin")).toMatch(/\/sh$/);
    expect(findProgram([""], "/usr/bin")).toBeUndefined();
  });

  it("skips a folder that is not accessible", () => {
    const circle = join(scratch.path, "circle");
    symlinkSync(circle, circle);
    expect(findProgram(["sh"], `${circle}:/usr/bin:/bin`)).toMatch(/\/sh$/);
  });
});
