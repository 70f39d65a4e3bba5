import { describe, expect, it } from "vitest";
import { isErrorLine, readLine } from "./command.ts";

describe("readLine", () => {
  it("reads an annotation with its place and title", () => {
    expect(readLine("::error file=src/a.ts,line=3,title=Types::Not a number%0Aat all: 100%25")).toEqual({
      kind: "error",
      text: "Types: Not a number ⏎ at all: 100%",
      place: "src/a.ts:3",
    });
  });
  it("reads both spellings of a group", () => {
    expect(readLine("::group::Install")).toEqual({ kind: "group", text: "Install" });
    expect(readLine("##[group]Install")).toEqual({ kind: "group", text: "Install" });
    expect(readLine("::endgroup::").kind).toBe("endgroup");
  });
  it("finds a command behind colour codes", () => {
    expect(readLine("\u001B[31m::warning::careful\u001B[0m")).toEqual({ kind: "warning", text: "careful" });
  });
  it("shows commands for the runner dimmed, as they are", () => {
    expect(readLine("::set-output name=a::b")).toEqual({ kind: "debug", text: "::set-output name=a::b" });
  });
  it("leaves C++ names and prose alone", () => {
    expect(readLine("std::vector<int>::size()").kind).toBe("text");
    expect(readLine("see a::b::c").kind).toBe("text");
  });
});

describe("isErrorLine", () => {
  it.each([
    "::error::broken",
    "##[error]Process completed with exit code 1.",
    "Error: Cannot find module 'x'",
    "\u001B[31merror\u001B[0m: expected `;`",
    "src/a.ts(3,5): error TS2322: Type 'string' is not assignable",
    "error[E0308]: mismatched types",
    "main.c:10:5: error: expected ';'",
    "npm ERR! code ELIFECYCLE",
    "FAIL test/a.test.ts",
    "not ok 3 - adds",
    "TypeError: x is not a function",
    "Traceback (most recent call last):",
    "bash: line 1: foo: command not found",
    "fatal: not a git repository",
    "panic: runtime error",
  ])("sees the failure in %j", (line) => expect(isErrorLine(line)).toBe(true));
  it.each(["0 errors, 0 warnings", "error handling is tested", "::warning::error:", "ok 3 - reports an error", "PASS test/error.test.ts", "Compiled without errors"])(
    "sees none in %j",
    (line) => expect(isErrorLine(line)).toBe(false),
  );
});
