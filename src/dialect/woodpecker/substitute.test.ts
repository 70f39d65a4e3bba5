import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { unknownText } from "../shape/index.ts";
import { readYaml } from "../yaml/index.ts";
import { blank, substitute } from "./substitute.ts";

const values = new Map([
  ["CI_COMMIT_SHA", "0123456789abcdef"],
  ["BRANCH", "feature/Some-Thing"],
  ["FILE", "path/to/file.tar.gz"],
  ["TAG", "v1.2.3"],
  ["MESSAGE", 'first "line"\n\nsecond\ttab'],
  ["UNI", "grün🎯"],
  ["EMPTY", ""],
]);

const filled = (text: string): string => {
  const { text: result, diagnostics } = substitute(text, "f.yml", values);
  expect(diagnostics).toEqual([]);
  return result;
};

describe("substitute", () => {
  it.each([
    ["a ${TAG} b", "a v1.2.3 b"],
    ["$TAG stays", "$TAG stays"],
    ["${UNKNOWN}|", "|"],
    ["${CI_COMMIT_SHA:0:8}", "01234567"],
    ["${CI_COMMIT_SHA:10}", "abcdef"],
    ["${CI_COMMIT_SHA:12:99}", "cdef"],
    ["${CI_COMMIT_SHA:99:1}", ""],
    ["${CI_COMMIT_SHA:0:-12}", "0123"],
    ["${CI_COMMIT_SHA:x}", "0123456789abcdef"],
    ["${TAG^^}", "V1.2.3"],
    ["${TAG^}", "V1.2.3"],
    ["${BRANCH,,}", "feature/some-thing"],
    ["${BRANCH,}", "feature/Some-Thing"],
    ["${BRANCH/feature/fix}", "fix/Some-Thing"],
    ["${BRANCH/-/}", "feature/SomeThing"],
    ["${FILE//t/T}", "paTh/To/file.Tar.gz"],
    ["${FILE//\\//_}", "path_to_file.tar.gz"],
    ["${FILE/#path/x}", "x/to/file.tar.gz"],
    ["${FILE/#to/x}", "path/to/file.tar.gz"],
    ["${FILE/%gz/xz}", "path/to/file.tar.xz"],
    ["${TAG##v}", "1.2.3"],
    ["${FILE##*/}", "file.tar.gz"],
    ["${FILE#*/}", "to/file.tar.gz"],
    ["${FILE%.*}", "path/to/file.tar"],
    ["${FILE%%.*}", "path/to/file"],
    ["${FILE%%.[a-z]*}", "path/to/file"],
    ["${FILE#[}", "path/to/file.tar.gz"],
    ["${EMPTY=other}", "other"],
    ["${EMPTY:-other}", "other"],
    ["${EMPTY:=${TAG}-x}", "v1.2.3-x"],
    ["${TAG=other}", "v1.2.3"],
    ["${#TAG}", "6"],
    ["${#UNI}", "9"],
    ["${UNI^^}", "GRÜN🎯"],
    ["${UNI##gr}", "ün🎯"],
    ["$${TAG}", "${TAG}"],
    ["$$${TAG}", "$v1.2.3"],
    ["$$$$", "$$"],
    ["$${V=${TAG}}", "${V=v1.2.3}"],
    ["\\\\${TAG}\\/", "\\v1.2.3/"],
    ["*\\\\/* \\n \\$ \\", "*\\/* \\n \\$ \\"],
    ["\\\\\\\\ $${A\\\\}", "\\\\ ${A\\}"],
  ])("%s gives %s", (text, expected) => {
    expect(filled(text)).toBe(expected);
  });

  it("quotes a value with line breaks so that YAML reads the same text back", () => {
    const { document } = readYaml(filled("message: ${MESSAGE}\n"), "f.yml");
    expect(document?.find(["message"])).toMatchObject({ value: values.get("MESSAGE") });
  });

  it.each([
    ["x: ${}\n", 1, 4],
    ["x: 1\ny: ${A.b}\n", 2, 4],
    ["x: ${A-b}\n", 1, 4],
    ["x: ${A", 1, 4],
    ["x: ${A:}", 1, 4],
    ["x: ${A#}", 1, 4],
    ["x: ${A/b}\n", 1, 4],
    ["x: ${{ a }}\n", 1, 4],
    ["x: ${#}\n", 1, 4],
    ["x: " + "${A=".repeat(5000), 1, 4],
  ])("refuses %s at line %i, column %i", (text, line, column) => {
    expect(substitute(text, "f.yml", values).diagnostics[0]).toMatchObject({
      code: "workflow-substitution",
      severity: "error",
      line,
      column,
    });
  });

  it("maps back to the place in the author's text", () => {
    const text = "a: ${MESSAGE}\nb: ${CI_COMMIT_SHA:0:2} $${X} wrong\n";
    const { text: out, map } = substitute(text, "f.yml", values);
    expect(map.place(out.indexOf("wrong"))).toEqual([2, 31]);
    expect(map.range({ start: out.indexOf("01"), end: out.indexOf("01") + 2 })).toEqual({
      line: 2,
      column: 4,
      endLine: 2,
      endColumn: 24,
    });
  });

  it("never throws, and leaves text without a dollar or a backslash unchanged", () => {
    const hostile = fc.string({
      unit: fc.constantFrom(
        "$",
        "{",
        "}",
        "A",
        "/",
        "#",
        "%",
        ":",
        "=",
        "-",
        "\\",
        "^",
        ",",
        "*",
        "[",
        "]",
        "0",
        "\n",
        "ü",
        "🎯",
      ),
    });
    fc.assert(
      fc.property(hostile, hostile, (text, value) => {
        const result = substitute(text, "f.yml", new Map([["A", value]]));
        const plain = text.replaceAll(/[$\\]/g, "");
        expect(substitute(plain, "f.yml", values).text).toBe(plain);
        expect(() => blank(text, "f.yml")).not.toThrow();
        expect(() => result.map.place(result.text.length)).not.toThrow();
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ["trims by a long pattern", `\${LONG##${"*a".repeat(1500)}z}`.repeat(20)],
    ["counts a long value", "${#LONG}".repeat(20_000)],
    ["cuts a long value", "${LONG:0:1}".repeat(20_000)],
  ])("limits the work of a file that %s", (_what, text) => {
    const long = new Map([["LONG", "a".repeat(60_000)]]);
    const { diagnostics } = substitute(text, "f.yml", long);
    expect(diagnostics[0]).toMatchObject({
      code: "workflow-substitution",
      message: expect.stringContaining("too much work"),
    });
    expect(diagnostics.length).toBeLessThanOrEqual(20);
  });

  it("lets a long message be used many times", () => {
    const { diagnostics } = substitute(
      "${LONG:0:80} ${LONG%%: *} ${#LONG}\n".repeat(30),
      "f.yml",
      new Map([["LONG", "fix: it\n".repeat(1000)]]),
    );
    expect(diagnostics).toEqual([]);
  });

  it("limits the size of a substituted file", () => {
    const result = substitute("${A}".repeat(10_000), "f.yml", new Map([["A", "x".repeat(100_000)]]));
    expect(result.diagnostics[0]?.code).toBe("yaml-too-large");
  });
});

describe("blank", () => {
  it("keeps every position", () => {
    const text = "image: golang:${GO_VERSION}\nwhen: { branch: ${CI_REPO_DEFAULT_BRANCH} }\n";
    const { text: out, references } = blank(text, "f.yml");
    expect(out).toHaveLength(text.length);
    expect(out).toContain(`golang:${unknownText.repeat(13)}\n`);
    expect(references.map((each) => each.name)).toEqual(["GO_VERSION", "CI_REPO_DEFAULT_BRANCH"]);
    expect(readYaml(out, "f.yml").diagnostics).toEqual([]);
  });
});
