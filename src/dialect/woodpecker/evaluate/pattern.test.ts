import { describe, expect, it } from "vitest";
import { Work, WorkExceeded } from "../../pattern/index.ts";
import { compilePattern } from "./pattern.ts";
import { ConditionProblem } from "./problem.ts";

describe("compilePattern", () => {
  it.each([
    ["b", "abc", true],
    ["^b", "abc", false],
    ["a.c", "a\nc", false],
    ["(?s)a.c", "a\nc", true],
    ["(?i)ABC", "xabcx", true],
    ["(?m)^b$", "a\nb\nc", true],
    ["^v\\d+\\.\\d+\\.\\d+(-rc\\d+)?$", "v1.20.3-rc1", true],
    ["^v\\d+\\.\\d+\\.\\d+(-rc\\d+)?$", "v1.20", false],
    ["^a{2,3}$", "aaaa", false],
    ["[[:upper:]]", "abC", true],
    ["(?P<n>a)|b", "b", true],
    ["(?<n>a)|b", "b", true],
    ["", "", true],
    ["^.$", "🎯", true],
    ["^\\pL+$", "née", true],
    ["^\\p{Greek}+$", "abc", false],
    ["\\Qa.b\\E", "a.b", true],
    ["\\x41", "A", true],
    ["(?i)straſe", "STRASE", true],
    ["\\bé", "é", false],
  ])("as in Go, %s in %j is %s", (pattern, text, expected) => {
    expect(compilePattern(pattern)(text)).toBe(expected);
  });

  it.each([
    "(",
    ")",
    "[",
    "*",
    "a**",
    "\\",
    "(?=a)",
    "(?<!a)b",
    "a{3,2}",
    "[z-a]",
    "[a-\\d]",
    "\\q",
    "\\u0041",
    "(a)\\1",
    "a{1001}",
    "(a{1000}){1000}",
  ])("as Go does, refuses %s", (pattern) => {
    expect(() => compilePattern(pattern)).toThrow(ConditionProblem);
  });

  it("says what is wrong with a pattern", () => {
    expect(() => compilePattern("release/[0-9")).toThrow("invalid pattern: missing closing ]: `[0-9`");
  });

  it.each(["a".repeat(1001), "((a{100}){10})".repeat(50), "(".repeat(1000), "(?i)\\pL{1000}".repeat(70)])(
    "refuses a pattern that is too large (%#)",
    (pattern) => {
      expect(() => compilePattern(pattern)).toThrow(ConditionProblem);
    },
  );

  it("gives up on a text that is too long for its pattern", () => {
    expect(() => compilePattern("(a|b){300}c")("a".repeat(100_000))).toThrow(WorkExceeded);
  });

  it("gives up on patterns that are too large, again and again", () => {
    const work = new Work();
    const answers = Array.from({ length: 100 }, () => {
      try {
        compilePattern("((a{100}){10})".repeat(50), work);
      } catch (error) {
        if (error instanceof WorkExceeded) return "too much";
        if (error instanceof ConditionProblem) return "too large";
        throw error;
      }
      return "compiled";
    });
    expect(new Set(answers)).toEqual(new Set(["too large", "too much"]));
  });

  it("takes linear time where backtracking would never finish", () => {
    const started = process.cpuUsage();
    expect(compilePattern("^(a+)+$")(`${"a".repeat(20_000)}b`)).toBe(false);
    expect(process.cpuUsage(started).user / 1e6).toBeLessThan(5);
  });
});
