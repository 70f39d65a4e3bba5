import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SluiceError, type Json } from "../model/index.ts";
import {
  checkExpression,
  conditionOf,
  contextsOf,
  Effort,
  evaluate,
  evaluateCondition,
  evaluateCount,
  evaluateFlag,
  evaluateTemplate,
  evaluateText,
  isProblem,
  parseText,
  statusFunctions,
  usesStatusFunction,
} from "./index.ts";

const contexts = {
  github: {
    ref: "refs/heads/main",
    event: { Commits: [{ id: "a", tags: ["x", "y"] }, { id: "b" }], __proto__x: 1 },
    run_number: 7,
  },
  env: { NAME: "it's", EMPTY: "", "a.b": "dotted", constructor: "own" },
  matrix: { os: "linux", node: 18, flags: [true, false] },
};

/** What was thrown, if anything. */
function thrownBy(action: () => unknown): unknown {
  try {
    action();
    return undefined;
  } catch (error) {
    return error;
  }
}

/** True when the action ends well, or with the one error that it may throw. */
function isOrderly(action: () => unknown): boolean {
  const thrown = thrownBy(action);
  return thrown === undefined || thrown instanceof SluiceError;
}

describe("evaluate", () => {
  it.each<[string, Json]>([
    ["github.ref", "refs/heads/main"],
    ["GitHub.REF", "refs/heads/main"],
    ["github['event'].commits[1].id", "b"],
    ["github.event.commits.*.id", ["a", "b"]],
    ["join(github.event.commits.*.tags.*, '-')", "x-y"],
    ["github.nothing.at.all", null],
    ["steps.unknown.outputs.x", null],
    ["gitea.ref == forgejo.ref && gitea.ref", "refs/heads/main"],
    ["github.event == github.event", true],
    ["'a' == 'A'", true],
    ["'abc' != 'ABD'", true],
    ["1 == '1'", true],
    ["null == ''", true],
    ["'' || 'fallback'", "fallback"],
    ["matrix.node > 16 && 'new' || 'old'", "new"],
    ["!env.EMPTY", true],
    ["contains('Hello', 'ELL')", true],
    ["contains(matrix.flags, true)", true],
    ["startsWith(github.ref, 'refs/heads')", true],
    ["format('{0} {{x}} {1} {0}', matrix.os, 1)", "linux {x} 1 linux"],
    ["format('''{0}'' isn''t ''{1}''', 'a', 'b')", "'a' isn't 'b'"],
    ["fromJSON('[1, {\"a\": null}]')", [1, { a: null }]],
    ["toJSON(matrix)", '{\n  "os": "linux",\n  "node": 18,\n  "flags": [\n    true,\n    false\n  ]\n}'],
    ["toJSON(fromJSON('{\"__proto__\":1}'))", '{\n  "__proto__": 1\n}'],
    ["env.constructor", "own"],
    ["matrix.constructor", null],
    ["matrix.hasOwnProperty", null],
    ["env['a.b']", "dotted"],
    ["0xff", 255],
    ["-1.5e1", -15],
    ["github.event.commits[5]", null],
    ["(matrix.os == 'linux') == true", true],
    ["case(false, 1, matrix.os == 'linux', 2, 3)", 2],
  ])("%s", (expression, expected) => {
    expect(evaluate(expression, contexts)).toEqual(expected);
  });

  it("returns the same result whether or not the expression is cached", () => {
    const before = evaluate("github.run_number == 7", contexts);
    for (let count = 0; count < 500; count += 1)
      expect(evaluate(`'${"x".repeat(1000)}' == '${count}'`, contexts)).toBe(false);
    expect(evaluate("github.run_number == 7", contexts)).toBe(before);
    expect(evaluate("github.run_number == 7", { github: { run_number: 8 } })).toBe(false);
  });

  it("calls the functions that the caller adds, in any case", () => {
    expect(evaluate("HashFiles('a', 1)", contexts, { hashFiles: (...args) => args.join("+") })).toBe("a+1");
  });

  it.each([
    "",
    "1 +",
    "github.",
    "foo.bar",
    "nope()",
    "'open",
    "format('{1}', 1)",
    "format('{', 1)",
    "fromJSON('{')",
    "fromJSON('')",
    "github.ref)",
    "a b",
    "${{ 1 }}",
    "contains(1)",
    "success()",
  ])("refuses %j with a code and the place", (expression) => {
    expect(() => evaluate(expression, contexts)).toThrow(SluiceError);
    expect(() => evaluate(expression, contexts)).toThrow(/^Cannot evaluate the expression `.*`: /s);
  });

  it("keeps the text given to fromJSON out of its error", () => {
    expect(() => evaluate("fromJSON(env.TOKEN)", { env: { TOKEN: "hunter2" } })).toThrow(/^(?!.*hunter2)/s);
  });
});

function many(part: string, times: number): string {
  return Array.from({ length: times }, () => part).join(" || ");
}

describe("evaluate, given hostile input", () => {
  it("limits the output of nested format calls", () => {
    let bomb = "'aaaaaaaaaa'";
    for (let level = 0; level < 40; level += 1) bomb = `format('{0}{0}{0}{0}{0}{0}{0}{0}', ${bomb})`;
    expect(() => evaluate(bomb, {})).toThrow(/more than 10,000,000 characters/);
  });

  it("limits what an expression reads, alone and together with others", () => {
    const env = { text: "a".repeat(1_000_000), list: Array.from({ length: 30_000 }, () => "b") };
    expect(evaluate(many("contains(env.text, 'b')", 10), { env })).toBe(false);
    expect(() => evaluate(many("contains(env.text, 'b')", 50), { env })).toThrow(
      /reads more than 30,000,000 characters/,
    );
    expect(() => evaluate(many("(env.text == 'b')", 50), { env })).toThrow(/reads more than/);
    expect(() => evaluate(many("contains(env.list, 'c')", 50), { env })).toThrow(/reads more than/);
    const shared = new Effort(3_000_000);
    const twice = (): unknown => evaluate("startsWith(env.text, 'b') || endsWith(env.text, 'b')", { env }, {}, shared);
    expect(twice()).toBe(false);
    expect(twice).toThrow(/it and others read more than 3,000,000 characters/);
  });

  it("limits join and toJSON", () => {
    const env = { list: Array.from({ length: 10_000 }, () => "x"), long: "y".repeat(5000) };
    expect(() => evaluate("join(env.list, env.long)", { env })).toThrow(/more than/);
    expect(() => evaluate("toJSON(env)", { env: { text: "\n".repeat(6_000_000) } })).toThrow(/more than/);
  });

  it.each([
    ["(".repeat(5000), ")".repeat(5000)],
    ["!".repeat(10_000), ""],
    ["toJSON(".repeat(2000), ")".repeat(2000)],
    ["1==".repeat(6000), ""],
    ["1&&".repeat(6000), ""],
    ["github" + "[0]".repeat(6000), ""],
    ["github" + ".*".repeat(3000), ""],
  ])("answers %#: deep nesting", (start, end) => {
    expect(isOrderly(() => evaluate(`${start}1${end}`, contexts))).toBe(true);
  });

  it("refuses JSON that is nested too deeply", () => {
    expect(() => evaluate("fromJSON(env.x)", { env: { x: "[".repeat(100_000) + "]".repeat(100_000) } })).toThrow(
      /levels of nesting/,
    );
  });

  it("refuses an expression beyond GitHub's length", () => {
    expect(() => evaluate(`'${"x".repeat(21_000)}'`, {})).toThrow(/the limit is 21000/);
  });

  it("filters a list of hundreds of thousands of values", () => {
    const event = {
      list: Array.from({ length: 200_000 }, (_, id) => ({ id })),
      map: Object.fromEntries(Array.from({ length: 200_000 }, (_, id) => [`k${id}`, id])),
    };
    expect(evaluate("contains(github.event.list.*.id, 199999)", { github: { event } })).toBe(true);
    expect(isOrderly(() => evaluate("github.event.map.*", { github: { event } }))).toBe(true);
  });

  it("throws nothing but SluiceError, whatever the expression", () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom(
        "github",
        ".",
        "event",
        "[",
        "]",
        "(",
        ")",
        "'",
        "*",
        "==",
        "&&",
        "||",
        "!",
        ",",
        "format(",
        "toJSON(",
        "fromJSON(",
        "1",
        "null",
        " ",
        "<",
        ">=",
      ),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const expression = pieces.join("");
        expect(isOrderly(() => evaluate(expression, contexts))).toBe(true);
        const offset = checkExpression(expression, { contexts: ["github"], functions: [] })?.offset ?? 0;
        expect(offset).toBeGreaterThanOrEqual(0);
        expect(offset).toBeLessThanOrEqual(expression.length);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("evaluateText, -Flag, -Count, -Template", () => {
  it("turns values into text as GitHub does", () => {
    const texts = ["null", "true", "1.50", "0.1 > 1", "github", "matrix.flags", "'x'"].map(($expr) =>
      evaluateText({ $expr }, contexts),
    );
    expect(texts).toEqual(["", "true", "1.5", "false", "Object", "Array", "x"]);
    expect(evaluateText("literal ${{ x }}", contexts)).toBe("literal ${{ x }}");
  });

  it("accepts a boolean, its text form or null as a flag, and refuses the rest", () => {
    expect(["true", "'False'", "''", "env.nothing"].map(($expr) => evaluateFlag({ $expr }, contexts))).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect(() => evaluateFlag({ $expr: "'maybe'" }, contexts)).toThrow(/expected true or false/);
  });

  it("accepts a number or its text form as a count, and refuses the rest", () => {
    expect([
      evaluateCount(5, contexts),
      evaluateCount({ $expr: "'30'" }, contexts),
      evaluateCount({ $expr: "matrix.node" }, contexts),
    ]).toEqual([5, 30, 18]);
    expect(() => evaluateCount({ $expr: "''" }, contexts)).toThrow(/expected a number/);
  });

  it("evaluates every expression in a template", () => {
    const template = {
      list: [{ $expr: "matrix.os" }, 1, null],
      $text: "x",
      nested: { deep: { $expr: "fromJSON('{\"a\":[1]}')" } },
    };
    expect(evaluateTemplate(template, contexts)).toEqual({
      list: ["linux", 1, null],
      $text: "x",
      nested: { deep: { a: [1] } },
    });
    expect(evaluateTemplate(["a", { $expr: "matrix.flags" }, ["b"]], contexts)).toEqual(["a", true, false, ["b"]]);
  });

  it("evaluates keys of a template, and inserts entries", () => {
    const template = {
      a: 1,
      "${{ matrix.os }}-x": 2,
      "${{insert}}": { b: 3 },
      "${{ insert }}": { $expr: 'fromJSON(\'{"a":4,"__proto__":5}\')' },
    };
    const value = evaluateTemplate(template, contexts);
    expect(JSON.stringify(value)).toBe('{"a":4,"linux-x":2,"b":3,"__proto__":5}');
    expect(thrownBy(() => evaluateTemplate({ "${{ insert }}": 1 }, contexts))).toMatchObject({
      code: "workflow-expression",
      message: expect.stringContaining("expected an object beside it"),
    });
  });
});

describe("parseText", () => {
  it.each([
    ["plain", "plain"],
    ["", ""],
    ["${{ github.ref }}", { $expr: "github.ref" }],
    ["${{github.ref}}", { $expr: "github.ref" }],
    ["a ${{ github.ref }} b", { $expr: "format('a {0} b', github.ref)" }],
    ["${{ '}}' }}", { $expr: "'}}'" }],
    ["{x} it's ${{ 1 }}${{ 2 }}", { $expr: "format('{{x}} it''s {0}{1}', 1, 2)" }],
    ["$ { { }} ${ x }", "$ { { }} ${ x }"],
  ])("%j", (raw, expected) => {
    expect(parseText(raw)).toEqual(expected);
  });

  it.each([
    ["echo ${{ github.ref", 5],
    ["ab ${{ }}", 7],
    ["ab ${{ foo( }}", 10],
    ["${{ 1 }} ${{ a b }}", 15],
    ["${{ 'open }}", 0],
  ])("tells where %j is wrong", (raw, offset) => {
    const result = parseText(raw);
    expect(typeof result === "object" && isProblem(result) && result.offset).toBe(offset);
  });

  it("keeps every text around its expressions unchanged", () => {
    const text = fc
      .string({ unit: "binary" })
      .filter((part) => !part.includes("${{") && !part.endsWith("$") && !part.endsWith("${"));
    fc.assert(
      fc.property(text, text, text, (a, b, c) => {
        const parsed = parseText(`${a}\${{ github.ref }}${b}\${{ 'it''s {0}' }}${c}`);
        if (typeof parsed === "object" && isProblem(parsed)) throw new Error(parsed.message);
        expect(evaluateText(parsed, contexts)).toBe(`${a}refs/heads/main${b}it's {0}${c}`);
      }),
      { numRuns: 500 },
    );
  });
});

describe("status functions", () => {
  const failed = statusFunctions({ success: false, failure: true, cancelled: false });

  it("answer for the status given", () => {
    expect(
      ["success()", "failure()", "cancelled()", "Always()"].map((expression) => evaluate(expression, {}, failed)),
    ).toEqual([false, true, false, true]);
  });

  it("are put before a condition that has none", () => {
    expect(usesStatusFunction("github.ref == 'always()'")).toBe(false);
    expect(usesStatusFunction("!CANCELLED() && true")).toBe(true);
    expect(conditionOf("a || b")).toBe("success() && (a || b)");
    expect(conditionOf("failure()")).toBe("failure()");
  });

  it("evaluate a condition; an absent one is success()", () => {
    expect(evaluateCondition(undefined, {}, failed)).toBe(false);
    expect(evaluateCondition({ $expr: "failure() && github.ref" }, contexts, failed)).toBe(true);
    expect(evaluateCondition({ $expr: conditionOf("'x'") }, contexts, failed)).toBe(false);
  });
});

describe("checkExpression", () => {
  const allowed = { contexts: ["github", "env"], functions: ["hashFiles"] };

  it.each([
    ["github.ref == env.X && hashFiles('a')", undefined],
    ["github.secrets", undefined],
    ["  matrix.os", 2],
    ["env.a == secrets.B", 9],
    ["1 == always()", 5],
    ["github..a", 7],
  ])("%s", (expression, offset) => {
    expect(checkExpression(expression, allowed)?.offset).toBe(offset);
  });

  it("lists the contexts that an expression uses", () => {
    expect(contextsOf("GitHub.event.env && matrix['x']")).toEqual(["github", "matrix"]);
  });
});
