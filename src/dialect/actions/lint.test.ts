import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { actions } from "./index.ts";

function lint(text: string): readonly string[] {
  return actions
    .lint({ path: ".github/workflows/ci.yml", text })
    .map((each) => `${each.line}:${each.column} ${each.severity} ${each.code} ${each.message}`);
}

function lintJob(body: string): readonly string[] {
  return lint(`on: push\njobs:\n  a:\n    runs-on: x\n${body.replaceAll(/^(?=.)/gm, "    ")}`);
}

function lintSteps(steps: string): readonly string[] {
  return lintJob(`steps:\n${steps}`);
}

/** Jobs by id, with what they need. */
function jobs(needs: Record<string, string>): string {
  return `on: push\njobs:\n${Object.entries(needs)
    .map(([id, list]) => `  ${id}: {runs-on: x, needs: [${list}], steps: [{run: a}]}\n`)
    .join("")}`;
}

function axis(size: number): string {
  return `[${Array.from({ length: size }, (_, at) => at).join(", ")}]`;
}

function matrix(text: string): readonly string[] {
  return lintJob(`strategy: {matrix: {${text}}}\nsteps: [{run: a}]\n`);
}

describe("lint", () => {
  it("finds nothing wrong with a plain workflow", () => {
    expect(lintSteps("- run: make\n")).toEqual([]);
  });

  it.each([
    ["", "1:1 error workflow-schema The file is empty."],
    ["- a\n", "1:1 error workflow-schema A workflow is a mapping with `on` and `jobs`."],
    ["jobs: {a: {runs-on: x, steps: [{run: a}]}}\n", "1:1 error workflow-schema `on` is missing."],
    ["on: push\n", "1:1 error workflow-schema `jobs` is missing."],
    ["on: push\njobs: {}\n", "2:1 error workflow-schema The workflow has no jobs."],
    [
      "on: pusj\njobs: {a: {runs-on: x, steps: [{run: a}]}}\n",
      "1:5 error workflow-schema The value `pusj` is not allowed here.",
    ],
    [
      "on: push\nnaem: x\njobs: {a: {runs-on: x, steps: [{run: a}]}}\n",
      "2:1 error workflow-schema The key `naem` is not allowed here.",
    ],
    [
      "on: push\nconstructor: x\njobs: {a: {runs-on: x, strategy: {matrix: {constructor: [1], __proto__: [2]}}, steps: [{run: a}]}}\n",
      "2:1 error workflow-schema The key `constructor` is not allowed here.",
    ],
    [
      "on: push\njobs: {a: {runs-on: x, __proto__: x, steps: [{run: a}]}}\n",
      "2:24 error workflow-schema The key `__proto__` is not allowed here.",
    ],
    [
      "on: {push: {}, toString: {}}\njobs: {a: {runs-on: x, steps: [{run: a}]}}\n",
      "1:16 error workflow-schema The key `toString` is not allowed here.",
    ],
    ["on: push\njobs: {a: {steps: [{run: a}]}}\n", "2:11 error workflow-schema `runs-on` is missing."],
    ["on: push\njobs: {a: {runs-on: x}}\n", "2:8 error workflow-schema The job `a` has no steps."],
    [
      "on: push\njobs: {1a: {runs-on: x, steps: [{run: a}]}}\n",
      "2:8 error workflow-schema The job id `1a` must consist of letters, digits, `-` and `_`, and begin with a letter or `_`.",
    ],
    ["on: push\non: push\n", "2:1 error yaml-duplicate-key The mapping already has the key `on`."],
    [
      "on: {push: {branches: [a], branches-ignore: [b]}}\njobs: {a: {runs-on: x, steps: [{run: a}]}}\n",
      "1:28 error workflow-schema `branches` and `branches-ignore` exclude each other.",
    ],
    [
      "on: {schedule: [{cron: 'often'}]}\njobs: {a: {runs-on: x, steps: [{run: a}]}}\n",
      "1:25 error workflow-schedule A cron line has five fields, not 1.",
    ],
    [
      "on: {schedule: [{cron: '0 25 * * *'}]}\njobs: {a: {runs-on: x, steps: [{run: a}]}}\n",
      "1:27 error workflow-schedule `25` is not a valid hour.",
    ],
    [
      "on:\n  schedule:\n    - cron: 0 0 31 2 *\njobs: {a: {runs-on: x, steps: [{run: a}]}}\n",
      "3:17 error workflow-schedule The cron line never occurs: none of its months has such a day.",
    ],
    [
      "on: {schedule: [{cron: '@daily', timezone: Mars/Base}]}\njobs: {a: {runs-on: x, steps: [{run: a}]}}\n",
      "1:44 error workflow-schedule Unknown time zone `Mars/Base`.",
    ],
    [
      "on: [push, gollum]\njobs: {a: {runs-on: x, steps: [{run: a}]}}\n",
      "1:12 warning workflow-unsupported The event `gollum` does not start workflows here.",
    ],
    [
      "on: {workflow_dispatch: {branches: [main]}}\njobs: {a: {runs-on: x, steps: [{run: a}]}}\n",
      "1:26 warning workflow-unsupported `branches` has no effect on `workflow_dispatch`: the person who starts it chooses the ref.",
    ],
    [
      "on: [push, repository_dispatch]\njobs: {a: {runs-on: x, steps: [{run: a}]}}\n",
      "1:12 warning workflow-unsupported The event `repository_dispatch` does not start workflows here.",
    ],
    [
      "on: push\njobs: {a: {runs-on: x, strategy: {matrix: {os: []}}, steps: [{run: a}]}}\n",
      "2:48 error workflow-matrix The matrix key `os` has no values, so nothing would run.",
    ],
    [
      "on: push\njobs: {a: {runs-on: x, uses: ./x.yml}}\n",
      "2:24 error workflow-schema A job either has a runner and steps, or calls a workflow with `uses`.",
    ],
    [
      "on: push\njobs: {a: {uses: ./x.yml}}\n",
      "2:18 error workflow-unsupported Jobs cannot call another workflow yet.",
    ],
  ])("%j", (text, expected) => {
    expect(lint(text)).toEqual([expected]);
  });

  it.each([
    ["-\n- run: a\n", "6:6 error workflow-schema The value is missing."],
    ["- name: x\n", "6:7 error workflow-schema The step has neither `run` nor `uses`."],
    ["- run: a\n  uses: a/b@c\n", "7:7 error workflow-schema A step has either `run` or `uses`, not both."],
    ["- uses: checkout\n", "6:13 error workflow-schema `checkout` is not an action."],
    ["- uses: $/actions/build@v1\n", "6:13 error workflow-schema `$/actions/build@v1` is not an action."],
    [
      "- {run: a, id: x}\n- {run: b, id: x}\n",
      "7:20 error workflow-schema The id `x` is already the id of another step of this job.",
    ],
    [
      "- {run: a, id: x}\n- {run: b, id: X}\n",
      "7:20 error workflow-schema The id `X` is already the id of another step of this job.",
    ],
    ["- wait: s\n", "6:13 error workflow-schema No background step above has the id `s`."],
    ["- {run: a, id: s}\n- cancel: s\n", "7:15 error workflow-schema No background step above has the id `s`."],
    ["- wait-all: false\n", "6:17 error workflow-schema `wait-all` must be empty or `true`."],
    ["- {wait-all: true, if: true}\n", "6:24 error workflow-schema The key `if` is not allowed here."],
    [
      "- parallel: [{run: a, background: true}]\n",
      "6:27 error workflow-schema `background` is not allowed in a `parallel` group.",
    ],
    [
      "- parallel: [{parallel: [{run: a}]}]\n",
      "6:19 error workflow-schema `parallel` is not allowed in a `parallel` group.",
    ],
    [
      "- parallel: [{run: a, id: s}, {run: b, id: S}]\n",
      "6:48 error workflow-schema The id `S` is already the id of another step of this job.",
    ],
    ["- {run: a, id: __x}\n", "6:20 error workflow-schema The id `__x` begins with `__`, which is reserved."],
    ["- {run: a, timeout-minutes: -1}\n", "6:33 error workflow-schema Expected a number that is not negative."],
    ["- run: echo ${{ nope.x }}\n", "6:21 error workflow-expression Unrecognized named-value: 'nope'."],
    [
      "- run: |\n    one\n    two ${{ github.ref }} ${{ nope.x }}\n",
      "8:35 error workflow-expression Unrecognized named-value: 'nope'.",
    ],
    [
      "- run: >\n    one\n    two '\n    ${{ nope() }}\n",
      "9:13 error workflow-expression Unrecognized function: 'nope'.",
    ],
    ['- run: "a\\n${{ nope }}"\n', "6:20 error workflow-expression Unrecognized named-value: 'nope'."],
    ["- run: echo ${{ github.ref\n", "6:17 error workflow-expression `${{` has no closing `}}`."],
    [
      "- run: a\n  if: secrets.X != ''\n",
      "7:11 error workflow-expression Unrecognized named-value: 'secrets'; available here: github, gitea, forgejo, needs, strategy, matrix, job, runner, env, vars, steps, inputs.",
    ],
    ["- run: a\n  if: a &&\n", "7:13 error workflow-expression Unexpected end of expression: '&&'."],
    [
      "- run: a\n  if: ${{ github.ref }} == 'x'\n",
      "7:11 warning workflow-expression The condition is always true: with text around `${{ }}` it is text, and non-empty text counts as true.",
    ],
    [
      "- uses: a/b@c\n  with: ${{ fromJSON('{}') }}\n",
      "7:13 error workflow-unsupported `with` cannot be one expression.",
    ],
    [
      "- uses: a/b@c\n  with: {'${{ github.ref }}': x}\n",
      "7:14 error workflow-unsupported A key cannot be an expression.",
    ],
  ])("%j in a step", (steps, expected) => {
    expect(lintSteps(steps)).toEqual([expected]);
  });

  it.each([
    "on: {workflow_dispatch: {inputs: }}\njobs: {a: {runs-on: x, steps: [{run: a}]}}\n",
    "on: {workflow_dispatch: {inputs: {level: , other: {}}}}\njobs: {a: {runs-on: x, steps: [{run: echo}]}}\n",
    "on: push\njobs: {a: {runs-on: x, timeout-minutes: 0, strategy: {max-parallel: 0, matrix: {v: [1]}}, steps: [{run: a, timeout-minutes: 0}]}}\n",
    "on: push\nenv: {'${{ github.ref }}-a': x}\njobs: {a: {runs-on: x, env: {'A_${{ github.job }}': 1}, steps: [{run: a, env: {'${{ matrix.v }}': b}}]}}\n",
    "on: push\njobs: {a: {runs-on: x, steps: [{uses: $/.github/actions/a b}, {uses: $/}]}}\n",
  ])("accepts what GitHub accepts: %j", (text) => {
    expect(lint(text)).toEqual([]);
  });

  it("checks a job's condition against what is known before the job has a runner", () => {
    expect(lintJob("if: steps.a.outcome\nsteps: [{run: a}]\n")).toEqual([
      "5:9 error workflow-expression Unrecognized named-value: 'steps'; available here: github, gitea, forgejo, needs, vars, inputs.",
    ]);
  });

  it("suggests the intended key", () => {
    const found = actions.lint({ path: "w.yml", text: "on: push\njobs: {a: {runs_on: x, steps: [{run: a}]}}\n" });
    expect(found.map((each) => each.help)).toContain("Did you mean `runs-on`?");
  });

  it("finds needs of jobs that do not exist, and cycles", () => {
    expect(lint(jobs({ build: "", test: "biuld" }))).toEqual([
      "4:30 error workflow-needs-unknown Job `test` needs `biuld`, which does not exist.",
    ]);
    expect(lint(jobs({ a: "", b: "d, a", c: "b", d: "c" }))).toEqual([
      "5:27 error workflow-needs-cycle The jobs need each other in a cycle: d → c → b → d.",
    ]);
    expect(lint(jobs({ a: "a" }))).toEqual([
      "3:27 error workflow-needs-cycle The jobs need each other in a cycle: a → a.",
    ]);
    expect(lint(jobs({ a: "b, c", b: "d", c: "d", d: "" }))).toEqual([]);
    expect(lint(jobs({ Build: "", test: "BUILD, build" }))).toEqual([]);
    expect(lint(jobs({ A: "b", b: "a" }))).toEqual([expect.stringContaining("in a cycle: b → A → b.")]);
  });

  it("walks a long chain of needs without recursion", () => {
    const chain = Array.from(
      { length: 4000 },
      (_, at) => `  j${at}: {runs-on: x, needs: [j${(at + 1) % 4000}], steps: [{run: a}]}\n`,
    ).join("");
    expect(lint(`on: push\njobs:\n${chain}`).map((each) => each.split(" ").slice(1, 3).join(" "))).toEqual([
      "error workflow-needs-cycle",
    ]);
  });

  it("counts the jobs of a literal matrix", () => {
    expect(matrix(`a: ${axis(16)}, b: ${axis(16)}`)).toEqual([]);
    expect(matrix(`a: ${axis(257)}`)).toEqual([
      "5:24 error workflow-matrix The matrix creates 257 jobs; the limit is 256.",
    ]);
    expect(matrix(`include: [${"{a: 1},".repeat(256)}]`)).toEqual([]);
    expect(matrix(`include: [${"{a: 1},".repeat(257)}]`)).toHaveLength(1);
    expect(matrix(`a: ${axis(16)}, b: ${axis(17)}, exclude: [{a: 1}]`)).toEqual([]);
    expect(matrix(`a: ${axis(16)}, b: ${axis(17)}, exclude: [{a: 1, b: 1}]`)).toHaveLength(1);
    expect(matrix(`a: ${axis(300)}, b: "\${{ fromJSON('[]') }}"`)).toEqual([]);
    expect(matrix("os: [x, y], exclude: [{os: x}, {so: y}]")).toEqual([
      "5:57 error workflow-matrix The matrix excludes by `so`, which is not one of its keys.",
    ]);
    expect(matrix("os: [x, y], b: '${{ vars.B }}', exclude: [{c: y}]")).toEqual([]);
  });

  it.each([
    ["echo ${{ github.event.pull_request.title }}", "github.event.pull_request.title"],
    ["echo '${{ github.event.issue.body }}'", "github.event.issue.body"],
    ["git checkout ${{ github.head_ref || github.ref_name }}", "github.head_ref"],
    ["x ${{ format('{0}', github['event']['comment'].body) }}", "github.event.comment.body"],
    ["x ${{ github.event.commits[0].message }}", "github.event.commits.*.message"],
    ["x ${{ toJSON(gitea.event.head_commit.author.name) }}", "gitea.event.head_commit.author.name"],
  ])("warns when anyone's text becomes part of a script: %s", (script, path) => {
    expect(lintSteps(`- run: ${JSON.stringify(script)}\n`)).toEqual([
      expect.stringMatching(
        `^6:\\d+ warning workflow-injection Anyone can choose the text of \`${path.replaceAll("*", "\\*")}\``,
      ),
    ]);
  });

  it.each([
    "${{ github.event.pull_request.number }}",
    "${{ contains(github.event.head_commit.message, 'x') }}",
    "${{ github.head_ref == 'main' }}",
    "${{ 'main' == github.head_ref }}",
    "${{ github.sha }}",
    "${{ github.event.issue.title_x }}",
  ])("does not warn about %s in a script", (script) => {
    expect(lintSteps(`- run: ${JSON.stringify(`echo ${script}`)}\n`)).toEqual([]);
  });

  it("warns about deprecated commands at their place", () => {
    expect(
      lintSteps('- run: |\n    make\n    echo "::set-output name=a::b"\n    echo "::add-path::/x" ::set-outputs::\n'),
    ).toEqual([
      "8:15 warning workflow-deprecated The command `set-output` is deprecated.",
      "9:15 warning workflow-deprecated The command `add-path` is deprecated.",
    ]);
  });

  it("refuses a text that becomes an expression that is too long", () => {
    expect(lintSteps(`- run: "\${{ github.ref }}${"x".repeat(22_000)}"\n`)).toEqual([
      expect.stringMatching(/^6:\d+ error workflow-expression The expression has 22\d+ characters/),
    ]);
  });

  it("gives every diagnostic a place, a known code and help, and never throws, on mutilated workflows", () => {
    const sample =
      "name: CI\non:\n  push: {branches: [main]}\n  workflow_dispatch:\n    inputs: {a: {type: choice, options: [x]}}\nenv: {A: '${{ github.ref }}'}\nconcurrency: {group: g, cancel-in-progress: true}\njobs:\n  build:\n    needs: [test]\n    strategy: {matrix: {os: [a, b], include: [{os: c}]}}\n    runs-on: ${{ matrix.os }}\n    container: {image: x}\n    services: {db: {image: y}}\n    steps:\n      - uses: actions/checkout@v4\n        with: {a: 1}\n      - run: |\n          echo ${{ github.event.issue.title }}\n        if: always()\n  test: {runs-on: x, steps: [{run: a}]}\n";
    const piece = fc.constantFrom(
      "[",
      "]",
      "{",
      "}",
      ":",
      "- ",
      "\n",
      "  ",
      "&a ",
      "*a",
      "<<: *a",
      "${{",
      "}}",
      "'",
      "null",
      "1",
      "true",
      "${{ insert }}",
      "|",
      "on",
      "jobs",
      "steps",
      "run",
      "uses",
      "matrix",
      "if",
      "needs",
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(sample.length), fc.nat(12), piece), { minLength: 1, maxLength: 4 }),
        (edits) => {
          let text = sample;
          for (const [at, length, inserted] of edits) text = text.slice(0, at) + inserted + text.slice(at + length);
          for (const each of actions.lint({ path: "w.yml", text })) {
            expect(Math.min(each.line, each.column, each.endLine, each.endColumn)).toBeGreaterThan(0);
            expect(each.line).toBeLessThanOrEqual(text.split("\n").length + 1);
            expect(`${each.message} ${each.help}`).toMatch(/^\S.*[.!?`'")] \S/s);
            expect(each.message).not.toMatch(/undefined|\[object|at .*\.(ts|js):|Cannot read/);
          }
        },
      ),
      { numRuns: 1500 },
    );
  });
});
