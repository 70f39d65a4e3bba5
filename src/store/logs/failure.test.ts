import { describe, expect, it } from "vitest";
import { failureOf, trace } from "./failure.ts";

describe("failureOf", () => {
  it.each([
    "Error: Cannot find module 'x'",
    "\u001B[31merror\u001B[0m: expected `;`",
    "src/a.ts(3,5): error TS2322: Type 'string' is not assignable",
    "error[E0308]: mismatched types",
    "main.c:10:5: error: expected ';'",
    "npm ERR! code ELIFECYCLE",
    "FAIL test/a.test.ts",
    "not ok 3 - adds",
    "✖ 3 problems",
    "E   AssertionError",
    "TypeError: x is not a function",
    "Traceback (most recent call last):",
    "bash: line 1: foo: command not found",
    "fatal: not a git repository",
    "panic: runtime error",
  ])("finds the failure in %j by its shape, and its fragment in the bytes", (line) => {
    expect(failureOf(line)).toBe("shape");
    expect(Buffer.from(line).toString("latin1").search(trace)).toBeGreaterThanOrEqual(0);
  });
  it("distinguishes explicit failures from the runner's closing message", () => {
    expect(
      [
        "::error::broken",
        "::error file=a.ts,line=1::broken",
        "##[error]broken",
        "##[error]Process completed with exit code 1.",
      ].map(failureOf),
    ).toEqual(["command", "command", "command", "closing"]);
  });
  it.each([
    "0 errors, 0 warnings",
    "error handling is tested",
    "::warning::error:",
    "::errors::no",
    "fine ::error::not at the start",
    "ok 3 - reports an error",
    "PASS test/error.test.ts",
    "Compiled without errors",
    "+ echo 'error: no'",
    "++ grep error: log",
  ])("sees none in %j", (line) => expect(failureOf(line)).toBeUndefined());
  it("stays fast on a hostile line", () => {
    const started = process.cpuUsage();
    for (let round = 0; round < 100; round += 1) expect(failureOf(`${"a:1".repeat(50_000)} error`)).toBeUndefined();
    expect(process.cpuUsage(started).user / 1e6).toBeLessThan(5);
  });
});
