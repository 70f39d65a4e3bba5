import { describe, expect, it } from "vitest";
import { readLine } from "./command.ts";

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
