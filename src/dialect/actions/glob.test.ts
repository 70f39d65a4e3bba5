import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WorkExceeded, Work } from "../pattern/index.ts";
import { compileList, matchesGlob, matchesList } from "./glob.ts";

/** The examples of GitHub's cheat sheet, and what does not match beside them. */
const examples: readonly [pattern: string, matching: readonly string[], other: readonly string[]][] = [
  ["feature/*", ["feature/my-branch", "feature/your-branch"], ["feature/a/b", "feature", "x/feature/a"]],
  ["feature/**", ["feature/beta-a/my-branch", "feature/mona/the/octocat"], ["feature"]],
  ["main", ["main"], ["Main", "main2", "mai"]],
  ["releases/mona-the-octocat", ["releases/mona-the-octocat"], ["releases"]],
  ["*", ["main", "releases"], ["all/the/branches"]],
  ["**", ["all/the/branches", "every/tag", ""], []],
  ["*feature", ["mona-feature", "feature", "ver-10-feature"], ["a/feature", "features"]],
  ["v2*", ["v2", "v2.0", "v2.9"], ["v1", "v2/x"]],
  ["v[12].[0-9]+.[0-9]+", ["v1.10.1", "v2.0.0"], ["v3.0.0", "v1.x.1", "v1.10", "v1x10x1"]],
  ["*.jsx?", ["page.js", "page.jsx"], ["a/page.js", "page.jsy", "page.jsxx"]],
  ["**.js", ["index.js", "js/index.js", "src/js/app.js"], ["index.jsx"]],
  ["docs/*", ["docs/README.md", "docs/file.txt"], ["docs/a/b.md"]],
  ["docs/**", ["docs/README.md", "docs/mona/octocat.txt"], ["docs", "a/docs/b"]],
  ["docs/**/*.md", ["docs/README.md", "docs/mona/hello-world.md", "docs/a/markdown/file.md"], ["docs/a.txt"]],
  ["**/docs/**", ["docs/hello.md", "dir/docs/my-file.txt", "space/docs/plan/space.doc"], ["mydocs/a", "docs"]],
  ["**/README.md", ["README.md", "js/README.md"], ["js/XREADME.md"]],
  ["**/*src/**", ["a/src/app.js", "my-src/code/js/app.js"], ["a/srcs/x"]],
  ["**/*-post.md", ["my-post.md", "path/their-post.md"], ["post.md"]],
  ["**/migrate-*.sql", ["migrate-10909.sql", "db/migrate-v1.0.sql", "db/sept/migrate-v1.sql"], ["db/migrate.sql"]],
  ["releases/**-alpha", ["releases/10-alpha", "releases/beta/3-alpha"], ["releases/alpha"]],
  ["[CB]at", ["Cat", "Bat"], ["Rat", "at"]],
  ["[1-2]00", ["100", "200"], ["300", "1-200"]],
  ["a+b", ["ab", "aaab"], ["b", "a+b"]],
  ["a\\+b", ["a+b"], ["aab"]],
  ["a[b", ["a[b"], ["ab"]],
  ["?x", ["?x"], ["x"]],
];

describe("matchesGlob", () => {
  it.each(examples)("%s", (pattern, matching, other) => {
    expect(matching.filter((text) => !matchesGlob(pattern, text))).toEqual([]);
    expect(other.filter((text) => matchesGlob(pattern, text))).toEqual([]);
  });

  it("finishes at once for patterns that make regular expressions run forever", () => {
    const started = process.cpuUsage();
    const text = `${"a".repeat(2000)}b`;
    expect(matchesGlob(`${"a+".repeat(1000)}c`, text)).toBe(false);
    expect(matchesGlob(`${"**a".repeat(500)}c`, text)).toBe(false);
    expect(matchesGlob(`${"a?".repeat(2000)}b`, text)).toBe(true);
    expect(matchesGlob("*++++?????*+b", text)).toBe(true);
    expect(process.cpuUsage(started).user / 1e6).toBeLessThan(5);
  });

  it("matches itself, however strange, once every special character is escaped", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 50 }), (text) => {
        expect(matchesGlob(text.replaceAll(/[*?+[\]\\]/g, "\\$&"), text)).toBe(true);
      }),
    );
  });

  it("never throws, and agrees with a regular expression where there is one", () => {
    const piece = fc.constantFrom("a", "b", "/", "*", "?", "[ab]");
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 8 }),
        fc.string({ unit: fc.constantFrom("a", "b", "/"), maxLength: 8 }),
        (pieces, text) => {
          const pattern = pieces.join("");
          fc.pre(!/\*\*|^\?|\*\?|\?\?/.test(pattern));
          const expression = new RegExp(`^${pattern.replaceAll("*", "[^/]*")}$`);
          expect(matchesGlob(pattern, text)).toBe(expression.test(text));
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe("matchesList", () => {
  it("lets the last matching pattern decide", () => {
    expect(matchesList(["releases/**", "!releases/**-alpha"], "releases/10")).toBe(true);
    expect(matchesList(["releases/**", "!releases/**-alpha"], "releases/10-alpha")).toBe(false);
    expect(matchesList(["*.md", "!README.md", "README*"], "README.md")).toBe(true);
    expect(matchesList(["!a"], "b")).toBe(false);
    expect(matchesList([], "b")).toBe(false);
  });
});

it("gives up when a list exceeds its budget, but not over texts ruled out by the patterns' prefixes", () => {
  const hostile = compileList(Array.from({ length: 50 }, (_, index) => `**/*a*a*a*b${index}*`));
  const paths = Array.from({ length: 10_000 }, (_, index) => `x/${"a".repeat(100)}${index}`);
  expect(() => paths.some((path) => hostile(path, new Work(1000)))).toThrow(WorkExceeded);
  const plain = compileList(Array.from({ length: 50 }, (_, index) => `src/${index}/**`));
  const work = new Work(paths.length * 51);
  expect(paths.some((path) => plain(path, work))).toBe(false);
  expect(["ab", "a", "abb", "b"].map((text) => compileList(["ab?"])(text, work))).toEqual([true, true, false, false]);
});
