import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConditionProblem, readCondition } from "./index.ts";
import { WorkExceeded, Work } from "../../pattern/index.ts";

const variables = new Map([
  ["CI_PIPELINE_EVENT", "push"],
  ["CI_REPO", "owner/repo"],
  ["CI_COMMIT_BRANCH", "main"],
  ["CI_COMMIT_MESSAGE", "fix: please ignore me"],
  ["N", "7"],
]);

function answer(source: string): string {
  try {
    return String(readCondition(source)(variables));
  } catch (error) {
    return error instanceof ConditionProblem ? "explained" : `threw ${String(error)}`;
  }
}

describe("readCondition", () => {
  it.each([
    ['CI_PIPELINE_EVENT == "push" && CI_REPO == "owner/repo"', true],
    ['CI_PIPELINE_EVENT == "tag" || CI_REPO == "owner/repo"', true],
    ['not (CI_COMMIT_MESSAGE contains "please ignore me")', false],
    ['CI_COMMIT_PULL_REQUEST_LABELS contains "deploy"', false],
    ['SKIP != "true"', true],
    ["SKIP == nil", true],
    ["CI_COMMIT_BRANCH in ['main', 'dev']", true],
    ["CI_COMMIT_BRANCH not in ['main', 'dev']", false],
    ['CI_COMMIT_MESSAGE startsWith "fix:" and CI_COMMIT_MESSAGE endsWith "me"', true],
    ['CI_COMMIT_MESSAGE not startsWith "fix:"', false],
    ['CI_COMMIT_BRANCH matches "^(main|release/.+)$"', true],
    ["!(1 < 2) or 'a' < 'b'", true],
    ['(UNSET ?? "x") == "x"', true],
    ['CI_COMMIT_BRANCH == "dev" ? false : true', true],
    ['len(CI_COMMIT_BRANCH) == 4 && upper("a") == "A"', true],
    ["`a\\b` == 'a\\\\b'", true],
    ["true || false && false", true],
    ['"in" in ["in"]', true],
    ['"CI_REPO" in $env && not ("UNSET" in $env)', true],
    ['$env["CI_REPO"] == $env.CI_REPO && $env?.UNSET == nil', true],
    ['split(CI_REPO, "/")[0] == "owner" and split(CI_REPO, "/")[-1] == "repo"', true],
    ['any(split("a,deploy", ","), # == "deploy")', true],
    ['any(split("a,deploy", ","), { # matches "^dep" })', true],
    ['all(fromJSON(\'["docs/a.md", "docs/b"]\'), # startsWith "docs/")', true],
    ['none(["a"], # == "b") && one(["a", "b"], # == "b") && count(["b", "b"], # == "b") == 2', true],
    [
      'len(filter(["a", "bb"], len(#) > 1)) == 1 && map(["a"], upper(#)) == ["A"] && find(["a"], # == "x") == nil',
      true,
    ],
    ['any(["a"], any(["b"], # == "b") && # == "a")', true],
    ["int(N) % 2 == 1 && int(N) + 1 * 2 == 9 && -int(N) < 0 && 7 / 2 == 3.5", true],
    ['"a" + "b" == "ab" && len("é🎯") == 2', true],
    ['trimPrefix("v1", "v") == "1" && trim("--a-", "-") == "a" && replace("a.b", ".", "-") == "a-b"', true],
    ['hasSuffix("a.md", ".md") && indexOf("abc", "c") == 2 && join(["a", "b"], "-") == "a-b"', true],
    ['fromJSON(\'{"a": {"b": [1]}}\').a.b[0] == 1 && keys(fromJSON(\'{"a": 1}\')) == ["a"]', true],
    [
      'string(1.5) == "1.5" && toJSON(["a"]) == \'["a"]\' && first(["x"]) == last(["x"]) && uniq(["a", "a"]) == ["a"]',
      true,
    ],
    ['"x" in UNSET || UNSET contains "" || UNSET matches ".*"', false],
  ])("%s is %s", (source, expected) => {
    expect(readCondition(source)(variables)).toBe(expected);
  });

  it.each([
    "",
    "a ==",
    "(a",
    "a b",
    "foo(a)",
    "a. == 1",
    "a +",
    "# == 1",
    "any(a)",
    "any(a, b",
    "len()",
    "len(a, b)",
    "replace(a)",
    '"open',
    "a in",
    "[1,",
    "!".repeat(500) + "true",
    "(".repeat(500),
  ])("cannot read %s", (source) => {
    expect(() => readCondition(source)).toThrow(ConditionProblem);
  });

  it.each([
    "CI_REPO",
    "N > 5",
    "N == 7",
    "N != 7",
    "not CI_REPO == 'x'",
    "'a' in 'abc'",
    "CI_REPO.x == 1",
    "N + 1 == 8",
    "int('x') == 1",
    "UNSET.a == 1",
    "[1][1] == 1",
    "1 % 0 == 0",
    "fromJSON('[') == 1",
    "any('ab', true)",
    "any(['a'], 1)",
    "1 && true",
    "CI_REPO matches '('",
  ])("cannot decide %s", (source) => {
    expect(() => readCondition(source)(variables)).toThrow(ConditionProblem);
  });

  it("visits a bounded number of elements", () => {
    const letters = Array.from({ length: 500 }, () => "'a'").join(",");
    expect(() => readCondition(`any([${letters}], any([${letters}], # == 'b'))`)(variables)).toThrow(
      /more than 100000 elements/,
    );
    expect(() =>
      readCondition(`len(replace("${"a".repeat(2000)}", "a", "${"b".repeat(2000)}")) > 1`)(variables),
    ).toThrow(ConditionProblem);
  });

  it("evaluates or explains any text", () => {
    const words = fc.constantFrom(
      "a",
      "not",
      "in",
      "and",
      "||",
      "==",
      "(",
      ")",
      "[",
      "]",
      ",",
      "'x'",
      "matches",
      "contains",
      "?",
      ":",
      "1",
      "??",
      "!",
      "any",
      "split",
      "#",
      "{",
      "}",
      ".",
      "?.",
      "$env",
      "+",
      "-",
      "%",
      "é",
      "toString",
      "__proto__",
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 12 }), (parts) => {
        expect(answer(parts.join(" "))).toMatch(/^(?:true|false|explained)$/);
      }),
      { numRuns: 2000 },
    );
  });
});

it("gives up on conditions that search long texts repeatedly", () => {
  const condition = readCondition(Array.from({ length: 50 }, () => 'CI_COMMIT_MESSAGE contains "x"').join(" or "));
  expect(() => condition(new Map([["CI_COMMIT_MESSAGE", "a".repeat(1_000_000)]]), new Work(10_000_000))).toThrow(
    WorkExceeded,
  );
});

it.each([
  ["doubles a list in itself", `toJSON(${"map([".repeat(20)}"x"${"], [#, #, #])".repeat(20)}) == ""`],
  ["joins a long text with itself", 'len(join(map(split(CI_COMMIT_MESSAGE, ""), CI_COMMIT_MESSAGE), "")) == 1'],
])("gives up on a condition that %s", (_, source) => {
  expect(() => readCondition(source)(new Map([["CI_COMMIT_MESSAGE", "a".repeat(50_000)]]))).toThrow(WorkExceeded);
});

it("cannot evaluate deeply nested values", () => {
  expect(() =>
    readCondition("fromJSON(A) == fromJSON(A)")(new Map([["A", "[".repeat(1000) + "]".repeat(1000)]])),
  ).toThrow(ConditionProblem);
});
