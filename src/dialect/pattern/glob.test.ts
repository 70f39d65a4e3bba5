import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileGlob, matchGlob } from "./glob.ts";

describe("matchGlob", () => {
  it.each([
    ["main", "main", true],
    ["main", "main2", false],
    ["prefix/*", "prefix/a", true],
    ["prefix/*", "prefix/a/b", false],
    ["*", "feature/x", false],
    ["**", "feature/x/y", true],
    ["*\\/*", "a/b", true],
    ["*\\/*", "a", false],
    ["*\\/**", "a", false],
    ["*\\/**", "a/b/c", true],
    ["**\\/*", "a/b/c", false],
    ["**\\/*", "a/b", true],
    ["a\\/**/c", "a/c", true],
    ["a\\\\/c", "a\\/c", true],
    ["release\\/**", "release", false],
    ["folder/**", "folder/a/b.c", true],
    ["folder/**", "folder", true],
    ["folder/**", "folders/a", false],
    ["**/*.c", "x.c", true],
    ["**/*.c", "a/b/x.c", true],
    ["*.ini", "conf/x.ini", false],
    ["v**", "v1.2", true],
    ["v**", "v1/2", false],
    ["refs/tags/v*", "refs/tags/v1.0.0", true],
    ["release/1.[0-9]", "release/1.7", true],
    ["release/1.[^0-9]", "release/1.7", false],
    ["{main,release/*}", "release/2", true],
    ["a{b,c{d,e}}f", "acef", true],
    ["a{b,c{d,e}}f", "acf", false],
    ["?ain", "main", true],
    ["?", "🎯", true],
    ["\\*", "*", true],
    ["\\*", "x", false],
    [".woodpecker/*.yaml", ".woodpecker/.a.yaml", true],
    ["0 3 * * *", "0 3 * * *", true],
    ["", "", true],
  ])("%s and %s: %s", (pattern, text, expected) => {
    expect(matchGlob(pattern, text)).toBe(expected);
  });

  it.each(["[a", "a{b", "x\\", "[]", "[a-]", "{".repeat(50), "{a}".repeat(50_000)])("refuses the malformed %s", (pattern) => {
    expect(compileGlob(pattern)).toBeUndefined();
    expect(matchGlob(pattern, pattern)).toBe(false);
  });

  it("never throws and takes every literal text for itself", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (pattern, text) => {
        matchGlob(pattern, text);
        const literal = text.replace(/[\\*?[\]{},!^-]/g, "\\$&");
        expect(matchGlob(literal, text)).toBe(true);
      }),
    );
  });

  it("stays fast on patterns that make backtracking matchers explode", () => {
    const pattern = `${"*a".repeat(40)}b`;
    const started = process.hrtime.bigint();
    expect(matchGlob(pattern, "a".repeat(5000))).toBe(false);
    expect(matchGlob(`${"**/".repeat(40)}x`, "a/".repeat(2000))).toBe(false);
    expect(matchGlob("{a,b}".repeat(30), "a".repeat(30))).toBe(false);
    expect(Number(process.hrtime.bigint() - started) / 1e6).toBeLessThan(2000);
  });
});
