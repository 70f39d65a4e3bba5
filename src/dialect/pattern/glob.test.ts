import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileGlob, matchGlob } from "./glob.ts";
import { WorkExceeded, Work } from "./work.ts";

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

  it.each(["[a", "a{b", "x\\", "[]", "[a-]", "{".repeat(50), "{a}".repeat(50_000)])(
    "refuses the malformed %s",
    (pattern) => {
      expect(compileGlob(pattern)).toBeUndefined();
      expect(matchGlob(pattern, pattern)).toBe(false);
    },
  );

  it("never throws, and every literal text matches itself", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (pattern, text) => {
        matchGlob(pattern, text);
        const literal = text.replace(/[\\*?[\]{},!^-]/g, "\\$&");
        expect(matchGlob(literal, text)).toBe(true);
      }),
    );
  });

  it("agrees with a brute-force matcher", () => {
    const part = fc.array(fc.constantFrom("a", "b", "*", "?", "[ab]"), { maxLength: 4 }).map((words) => words.join(""));
    const pattern = fc
      .array(fc.oneof(part, fc.constant("**")), { minLength: 1, maxLength: 4 })
      .map((parts) => parts.join("/"));
    const text = fc
      .array(fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 3 }), { minLength: 1, maxLength: 4 })
      .map((parts) => parts.join("/"));
    fc.assert(
      fc.property(pattern, text, (pattern, text) => {
        expect(matchGlob(pattern, text)).toBe(tryAll(pattern.split("/"), text.split("/")));
      }),
      { numRuns: 3000 },
    );
  });

  it("never needs more work than the product of both lengths", () => {
    const word = fc.constantFrom("a", "*", "?", "[a-z]", "/", "**/", "{a,b}", "*a");
    fc.assert(
      fc.property(
        fc.array(word, { maxLength: 60 }),
        fc.array(fc.constantFrom("a", "b", "/"), { maxLength: 200 }),
        (words, characters) => {
          const [pattern, text] = [words.join(""), characters.join("")];
          // Braces stand for at most 8,192 characters of patterns.
          const most = (pattern.includes("{") ? 8192 : pattern.length + 1) * (text.length + 1) * 2 + 300;
          expect(() => matchGlob(pattern, text, new Work(most))).not.toThrow();
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("gives up when the budget is spent, but not over texts ruled out by the pattern's prefix", () => {
    const work = new Work(2_000_000);
    const hostile = compileGlob(`**/${"*a".repeat(100)}b*`);
    expect(() => Array.from({ length: 1000 }, () => hostile?.(`x/${"a".repeat(2000)}`, work))).toThrow(WorkExceeded);
    const plain = compileGlob("src/**/*.ts");
    expect(plain?.("docs/a/very/long/path.md".repeat(100), new Work(1))).toBe(false);
    expect(["src/a.ts", "src/b/a.ts", "srcs/a.ts", "src"].map((text) => plain?.(text, new Work()))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it("refuses braces with too many alternatives", () => {
    expect(compileGlob(`{${"a,".repeat(200)}b}${"x".repeat(3000)}`)).toBeUndefined();
    expect(compileGlob(`{${"a,".repeat(20)}b}${"x".repeat(300)}`)).toBeDefined();
  });

  it("stays fast on patterns that make backtracking matchers explode", () => {
    const pattern = `${"*a".repeat(40)}b`;
    const started = process.cpuUsage();
    expect(matchGlob(pattern, "a".repeat(5000))).toBe(false);
    expect(matchGlob(`${"**/".repeat(40)}x`, "a/".repeat(2000))).toBe(false);
    expect(matchGlob("{a,b}".repeat(30), "a".repeat(30))).toBe(false);
    expect(process.cpuUsage(started).user / 1e6).toBeLessThan(2);
  });
});

/** The definition, without any thought of time. */
function tryAll([part, ...parts]: readonly string[], texts: readonly string[]): boolean {
  const [text, ...rest] = texts;
  if (part === undefined) return text === undefined;
  if (part === "**" && tryAll(parts, texts)) return true;
  if (text === undefined) return false;
  if (part === "**") return tryAll([part, ...parts], rest);
  const expression = part.replaceAll(/\*+/g, "[^/]*").replaceAll("?", "[^/]");
  return new RegExp(`^${expression}$`).test(text) && tryAll(parts, rest);
}
