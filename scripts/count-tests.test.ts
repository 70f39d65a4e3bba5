import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "sluice-count-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function report(name: string, testResults: readonly unknown[], passed = 0): string {
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify({ numPassedTests: passed, numPendingTests: 1, testResults }));
  return file;
}

function count(...files: string[]): { readonly lines: readonly string[]; readonly status: number | null } {
  const { stdout, status } = spawnSync(process.execPath, [join(import.meta.dirname, "count-tests.ts"), ...files], {
    encoding: "utf8",
  });
  return { lines: stdout.trimEnd().split("\n"), status };
}

it("adds up what passed and was skipped", () => {
  const passed = {
    name: join(process.cwd(), "src/a.test.ts"),
    status: "passed",
    assertionResults: [{ fullName: "adds", status: "passed", failureMessages: [] }],
  };
  expect(count(report("unit", [passed], 2), report("chaos", [passed], 3))).toEqual({
    lines: ["5 passed, 0 failed, 2 skipped"],
    status: 0,
  });
});

it("names each test that failed, with its place and message, before the count", () => {
  const failed = {
    name: join(process.cwd(), "src/a.test.ts"),
    status: "failed",
    assertionResults: [
      { fullName: "sums adds", status: "failed", failureMessages: ["\u001B[31mexpected 2\u001B[0m\nto be 3"] },
    ],
  };
  expect(count(report("unit", [failed], 1))).toEqual({
    lines: ["failed: unit: src/a.test.ts: sums adds", "  expected 2", "  to be 3", "", "1 passed, 1 failed, 1 skipped"],
    status: 1,
  });
});

it("counts a file that could not be loaded, and a suite that left no report, as failed", () => {
  const broken = {
    name: join(process.cwd(), "src/b.test.ts"),
    status: "failed",
    message: "no such module",
    assertionResults: [],
  };
  const { lines, status } = count(report("unit", [broken], 7), join(folder, "browser.json"));
  expect(status).toBe(1);
  expect(lines.slice(0, 2)).toEqual(["failed: unit: src/b.test.ts: could not be run", "  no such module"]);
  expect(lines.find((line) => line.startsWith("failed: browser: no report"))).toBeDefined();
  expect(lines.at(-1)).toBe("7 passed, 2 failed, 1 skipped");
});

it("fails when nothing ran", () => {
  expect(count(report("unit", []))).toEqual({ lines: ["0 passed, 0 failed, 1 skipped"], status: 1 });
});
