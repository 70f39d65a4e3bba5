import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileAll, lint } from "../../src/dialect/index.ts";
import { codes, diagnosticSchema, type Event } from "../../src/model/index.ts";
import { conformance } from "../support/conformance.ts";

const places = [".github/workflows/x.yml", ".woodpecker/x.yml", ".sluice/x.yml", "anywhere.yml"];

const event: Event = {
  kind: "push",
  repository: { name: "octo/hello", defaultBranch: "main", cloneUrl: "http://127.0.0.1/octo/hello.git" },
  ref: "refs/heads/main",
  sha: "0123456789012345678901234567890123456789",
  sender: { login: "ann" },
  payload: {},
};

/** What lint and compile say about a text in every dialect; each answer is checked to be a proper diagnostic. */
function say(text: string): readonly string[] {
  return places.flatMap((place) => {
    const file = { path: place, text };
    const [compiled] = compileAll([file], {
      event,
      run: { id: "1", number: 1, attempt: 1 },
      vars: {},
      serverUrl: "http://127.0.0.1",
    });
    const found = [...lint(file), ...(compiled?.diagnostics ?? [])];
    for (const each of found) {
      expect(diagnosticSchema.safeParse(each).success).toBe(true);
      expect(Object.hasOwn(codes, each.code)).toBe(true);
      expect(each.message.length).toBeLessThan(1000);
      expect(`${each.message} ${each.help}`).not.toMatch(/\bat .+:\d+:\d+|\[object |undefined is not|Cannot read prop/);
    }
    return found.filter((each) => each.severity === "error").map((each) => each.code);
  });
}

const bomb = [
  "a0: &a0 [x]",
  ...Array.from({ length: 9 }, (_, at) => `a${at + 1}: &a${at + 1} [${`*a${at},`.repeat(9)}]`),
].join("\n");

describe("lint and compile of hostile files", () => {
  it.each([
    ["a bomb of aliases", bomb, "yaml-too-large"],
    ["an alias inside its own node", "a: &a [*a]\n", "yaml-syntax"],
    ["merge keys that go in a circle", "a: &a {<<: *a}\n", "yaml-syntax"],
    ["nesting without end", "[".repeat(100_000), "yaml-too-large"],
    ["nesting without end in blocks", "- ".repeat(100_000), "yaml-too-large"],
    ["a megabyte too much", `a: ${"x".repeat(1_100_000)}`, "yaml-too-large"],
    ["a hundred thousand values", `a: [${"1,".repeat(110_000)}]`, "yaml-too-large"],
    ["the same key twice", "steps: []\nsteps: []\n", "yaml-duplicate-key"],
    ["two documents", "on: push\n---\non: push\n", "yaml-syntax"],
    ["binary", "\u0000\u0001\u0002ELF", "yaml-syntax"],
    ["tabs for indentation", "on:\n\tpush:\n", "yaml-syntax"],
    ["broken brackets", "]".repeat(50_000), "yaml-syntax"],
  ])("%s", (_, text, code) => {
    const said = say(text);
    expect(new Set(said)).toContain(code);
    expect(said.length).toBeGreaterThanOrEqual(places.length * 2);
  });

  it("nothing at all, one word, and a list are no workflows", () => {
    for (const text of ["", "\n\n# x\n", "word\n", "- a\n- b\n", "~\n", "{}\n"])
      expect(say(text).length).toBeGreaterThanOrEqual(places.length);
  });

  it.skipIf(conformance === undefined)("real files, cut and mixed up, never make a front end throw", () => {
    const root = conformance ?? "";
    const real = readdirSync(root, { recursive: true, encoding: "utf8" })
      .filter((file) => /^(actions|woodpecker).*\.ya?ml$/.test(file))
      .map((file) => readFileSync(path.join(root, file), "utf8"))
      .filter((text) => text.length < 5000);
    expect(real.length).toBeGreaterThan(50);
    fc.assert(
      fc.property(
        fc.constantFrom(...real),
        fc.constantFrom(...real),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat(200),
        fc.constantFrom("", "\n", "&a ", "*a", "${{", "}}", "${", "'", "[", "{", ": ", "- ", "null", "\t", "<<: "),
        (one, other, where, length, piece) => {
          const cut = Math.floor(one.length * where);
          say(one.slice(0, cut) + piece + one.slice(cut + length));
          say(one.slice(0, cut) + other.slice(Math.floor(other.length * where)));
        },
      ),
      { numRuns: 150 },
    );
  });
});
