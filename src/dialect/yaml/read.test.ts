import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { entryOf, readYaml, toJson } from "./index.ts";

function json(text: string) {
  const { document, diagnostics } = readYaml(text, "w.yml");
  expect(diagnostics).toEqual([]);
  return document === undefined ? undefined : toJson(document.root);
}

function firstProblem(text: string) {
  const { document, diagnostics } = readYaml(text, "w.yml");
  expect(document).toBeUndefined();
  const [first] = diagnostics;
  return first === undefined ? undefined : `${first.line}:${first.column} ${first.code} ${first.message}`;
}

describe("readYaml", () => {
  it("reads scalars, lists and mappings as YAML 1.2 does", () => {
    expect(json("on: push\nyes: no\nn: 1\nf: 1.5\nt: true\nz: ~\nlist: [a, 'b', \"c\"]\ntext: |\n  x\n  y\n")).toEqual({
      on: "push",
      yes: "no",
      n: 1,
      f: 1.5,
      t: true,
      z: null,
      list: ["a", "b", "c"],
      text: "x\ny\n",
    });
  });

  it("merges lists into the surrounding list, like Woodpecker", () => {
    const lists = "a: &a [1, 2]\nb: &b [3]\nm: &m {x: 1}\n";
    expect(json(`${lists}all:\n  - <<: *a\n  - 9\n  - <<: [*b, *a]\n`)).toMatchObject({ all: [1, 2, 9, 3, 1, 2] });
    expect(json(`${lists}all:\n  - <<: *m\n  - <<: [*m, {y: 2}]\n`)).toMatchObject({ all: [{ x: 1 }, { x: 1, y: 2 }] });
    expect(firstProblem(`${lists}all: {<<: *a}\n`)).toContain("4:7 yaml-syntax");
  });

  it("stays quick on merges inside merges", () => {
    expect(firstProblem(`a: ${"[<<: ".repeat(45)}[1, 2]${"]".repeat(45)}`)).toContain("yaml-syntax");
  });

  it("keeps keys as they are written", () => {
    expect(json("1.10: a\ntrue: b\n0x10: c\n'q': d\n")).toEqual({ "1.10": "a", true: "b", "0x10": "c", q: "d" });
  });

  it("keeps numbers that JSON cannot carry as text", () => {
    expect(json("[.inf, .nan, -.inf]")).toEqual([".inf", ".nan", "-.inf"]);
  });

  it("follows anchors, aliases and merge keys, own keys first", () => {
    expect(json("a: &a {x: 1, y: 2}\nb: &b {y: 3, z: 4}\nc:\n  <<: [*a, *b]\n  x: 9\nd: *a\n")).toEqual({
      a: { x: 1, y: 2 },
      b: { y: 3, z: 4 },
      c: { x: 9, y: 2, z: 4 },
      d: { x: 1, y: 2 },
    });
  });

  it("lets a later anchor of the same name win for what follows", () => {
    expect(json("- &a 1\n- *a\n- &a 2\n- *a\n")).toEqual([1, 1, 2, 2]);
  });

  it("reads an empty file, and one with nothing but comments, as null", () => {
    expect(json("")).toBeNull();
    expect(json("# nothing\n")).toBeNull();
  });

  it("sets a key named __proto__ as a key like any other", () => {
    const value = json("__proto__: {polluted: true}\n");
    expect(Object.keys(value ?? {})).toEqual(["__proto__"]);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it("tells positions of nodes and keys", () => {
    const { document } = readYaml("jobs:\n  build:\n    steps:\n      - run: make\n", "w.yml");
    const step = document?.find(["jobs", "build", "steps", 0]);
    const entry = entryOf(step, "run");
    expect(entry && document?.range(entry.value)).toEqual({ line: 4, column: 14, endLine: 4, endColumn: 18 });
    expect(entry && document?.place(entry.keyNode.start)).toEqual([4, 9]);
    expect(document?.find(["jobs", "nothing", 3])).toBeUndefined();
  });

  it.each([
    ["a: 1\na: 2\n", "2:1 yaml-duplicate-key The mapping already has the key `a`."],
    ["{a: 1, a: 2}", "1:8 yaml-duplicate-key The mapping already has the key `a`."],
    ["a: *b\n", "1:4 yaml-syntax The alias `*b` refers to no earlier anchor."],
    ["a: &a [*a]\n", "1:8 yaml-syntax The alias `*a` is inside the node that it refers to."],
    ["a: &a {b: {c: *a}}\n", "1:15 yaml-syntax The alias `*a` is inside the node that it refers to."],
    ["a: 1\n---\nb: 2\n", "2:1 yaml-syntax The file has more than one YAML document."],
    ["<<: 5\n", "1:1 yaml-syntax The merge key `<<` needs a mapping, or a list of mappings."],
    ["? [a]\n: 1\n", "1:3 yaml-syntax A key must be plain text, not a list or mapping."],
    ["a: b\u0000c\n", "1:5 yaml-syntax The file is not text: it contains the control character U+0000."],
    [
      "a: [b\nc: d\n",
      "2:1 yaml-syntax Flow sequence in block collection must be sufficiently indented and end with a ].",
    ],
    ['a: {b: [{c: "d}]}\n', '2:1 yaml-syntax A quoted text has no closing ".'],
    ["x\ny\n\u001bz", "3:1 yaml-syntax The file is not text: it contains the control character U+001B."],
  ])("refuses %j at the place", (text, expected) => {
    expect(firstProblem(text)).toBe(expected);
  });

  it.each([
    "a:\n\tb: 1\n",
    "a: [1, 2\nb: 3\n",
    "a: 'open\n",
    "key: value: other\n",
    "%",
    "@x",
    "a: `b`\n",
    "- a\nb: c\n",
    "]",
  ])("gives a syntax error its place, and nothing that follows from it: %j", (text) => {
    expect(firstProblem(text)).toMatch(/^\d+:\d+ yaml-syntax /);
    expect(readYaml(text, "w.yml").diagnostics).toHaveLength(1);
  });

  it("warns about an unknown tag, and continues", () => {
    const { document, diagnostics } = readYaml("a: !secret b\n", "w.yml");
    expect(document && toJson(document.root)).toEqual({ a: "b" });
    expect(diagnostics.map((each) => each.severity)).toEqual(["warning"]);
  });
});

describe("readYaml, given hostile text", () => {
  it("refuses an alias bomb without expanding it", () => {
    const rows = Array.from(
      { length: 9 },
      (_, at) => `a${at + 1}: &a${at + 1} [${Array.from({ length: 9 }, () => `*a${at}`).join(",")}]`,
    );
    const bomb = ["a0: &a0 [x]", ...rows].join("\n");
    expect(bomb.length).toBeLessThan(600);
    expect(firstProblem(bomb)).toMatch(/^\d+:\d+ yaml-too-large /);
  });

  it("refuses a chain of aliases nested deeper than the limit", () => {
    const rows = Array.from({ length: 500 }, (_, at) => `a${at + 1}: &a${at + 1} [*a${at}]`);
    expect(firstProblem(["a0: &a0 [x]", ...rows].join("\n"))).toMatch(/yaml-too-large/);
  });

  it("limits merge keys like aliases", () => {
    const base = `a: &a {${Array.from({ length: 900 }, (_, at) => `k${at}: 1`).join(", ")}}`;
    expect(firstProblem(`${base}\nb: {<<: [${Array.from({ length: 5000 }, () => "*a").join(", ")}]}\n`)).toMatch(
      /yaml-too-large/,
    );
  });

  it.each([
    ["[", ""],
    ["{", ""],
    ["- ", ""],
    ["? ", ""],
    ["{a: ", ""],
    ["[", "]"],
    ["- - ", "x"],
    ["!!x ", "a"],
    ["&a ", "a"],
    ["'", ""],
    ["*a ", ""],
    ["]", ""],
    ["a:\n", ""],
    [":", ""],
    ["|", ""],
    ["-\n", ""],
    ["\t", ""],
    ["# x\n", ""],
    ["---\n", ""],
    ["%x\n", ""],
  ])("answers %j × 100,000 + %j", (part, end) => {
    const { document, diagnostics } = readYaml(part.repeat(100_000) + end, "w.yml");
    expect(document !== undefined || diagnostics.length > 0).toBe(true);
    expect(diagnostics.length).toBeLessThanOrEqual(20);
  });

  it("refuses a file over the size limit unread", () => {
    expect(firstProblem(`a: ${"x".repeat(1024 * 1024)}`)).toBe(
      "1:1 yaml-too-large The file has 1048579 characters; the limit is 1048576.",
    );
  });

  it("refuses more values than the limit", () => {
    expect(firstProblem(`[${"1,".repeat(200_000)}]`)).toMatch(/yaml-too-large/);
  });

  it("restores the stack trace limit", () => {
    const before = Error.stackTraceLimit;
    for (const text of ["a: 1", "[", "]"]) readYaml(text, "w.yml");
    expect(Error.stackTraceLimit).toBe(before);
    expect(before).toBeGreaterThan(0);
  });

  it("reads a wide mapping in linear time", () => {
    const wide = Array.from({ length: 30_000 }, (_, at) => `key${at}: ${at}`).join("\n");
    expect(Object.keys(json(wide) ?? {})).toHaveLength(30_000);
  });

  it("never throws for any text", () => {
    const piece = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom(
        "a: ",
        "- ",
        "\n",
        "  ",
        "[",
        "]",
        "{",
        "}",
        ", ",
        "&x ",
        "*x",
        "<<: ",
        "|\n",
        ">-\n",
        "'",
        '"',
        "!!str ",
        "? ",
        "---\n",
        "#",
        "\t",
        "%YAML 1.1\n",
      ),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const { document, diagnostics } = readYaml(pieces.join(""), "w.yml");
        const hasError = diagnostics.some((each) => each.severity === "error");
        expect(document === undefined).toBe(hasError);
        if (document !== undefined) JSON.stringify(toJson(document.root));
        for (const each of diagnostics)
          expect(Math.min(each.line, each.column, each.endLine, each.endColumn)).toBeGreaterThan(0);
      }),
      { numRuns: 1000 },
    );
  });
});
