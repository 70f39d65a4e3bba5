import { describe, expect, it } from "vitest";
import { workflowPaths, type Event } from "../model/index.ts";
import { dialectOfContent } from "./detect.ts";
import { compileAll, dialectOf, lint, readSchedules } from "./index.ts";
import { checkWorkflowNeeds } from "./needs.ts";
import type { Compilation } from "./port.ts";
import { readYaml } from "./yaml/index.ts";

const event: Event = {
  kind: "push",
  repository: { name: "octo/hello", defaultBranch: "main", cloneUrl: "http://127.0.0.1/octo/hello.git" },
  ref: "refs/heads/main",
  sha: "0123456789012345678901234567890123456789",
  sender: { login: "ann" },
  payload: {},
};
const context = { event, run: { id: "1", number: 1, attempt: 1 }, vars: {}, serverUrl: "http://127.0.0.1" };
const workflow = "on: push\njobs: {a: {runs-on: x, steps: [{run: a}]}}\n";

describe("the dialect room", () => {
  it.each([
    [".github/workflows/ci.yml", "actions"],
    [".gitea/workflows/ci.yaml", "actions"],
    [".forgejo/workflows/a b.yml", "actions"],
    [".github/workflows/deep/ci.yml", undefined],
    [".github/workflows/ci.json", undefined],
    ["src/.github/workflows/ci.yml", undefined],
  ])("tells the dialect of %s by its path", (path, dialect) => {
    expect(dialectOf(path)).toBe(dialect);
  });

  it("prefers the folder of Woodpecker's files to the single file", () => {
    const text = "steps: [{name: a, image: bash, commands: [b]}]\n";
    const both = compileAll(
      [
        { path: ".woodpecker.yml", text },
        { path: ".woodpecker/a.yml", text },
      ],
      context,
    );
    expect(both.map((each) => [each.plan?.workflow, each.skipped])).toEqual([
      [undefined, "replaced by the folder .woodpecker/"],
      ["a", undefined],
    ]);
    expect(compileAll([{ path: ".woodpecker.yml", text }], context)[0]?.plan?.workflow).toBe("woodpecker");
  });

  it.each([
    ["on: push\n", "actions"],
    ["jobs: {}\n", "actions"],
    ["triggers: []\nsteps: []\n", "native"],
    ["steps: [{name: a, type: run_command, command: make}]\n", "native"],
    ["steps: [{name: a, image: b, commands: [c]}]\n", "woodpecker"],
    ["steps: {a: {image: b}}\n", "woodpecker"],
    ["a: b\n", undefined],
    ["", undefined],
  ])("tells the dialect of a file anywhere by its content: %j", (text, dialect) => {
    const { document } = readYaml(text, "anywhere.yml");
    expect(document && dialectOfContent(document.root)).toBe(dialect);
  });

  it("searches every dialect's folders", () => {
    expect(workflowPaths.filter((path) => dialectOf(path.endsWith("/") ? `${path}x.yml` : path) === undefined)).toEqual(
      [],
    );
  });

  it("compiles every file, in order, whatever is wrong with the others", () => {
    const files = [
      { path: ".github/workflows/a.yml", text: workflow },
      { path: ".github/workflows/b.yml", text: "[" },
      { path: "c.yml", text: "a: b\n" },
      { path: "d.yml", text: workflow.replace("push", "release") },
    ];
    expect(
      compileAll(files, context).map((each) => [
        each.file,
        each.plan !== undefined,
        each.skipped !== undefined,
        each.diagnostics.map((one) => one.code),
      ]),
    ).toEqual([
      [".github/workflows/a.yml", true, false, []],
      [".github/workflows/b.yml", false, false, ["yaml-syntax"]],
      ["c.yml", false, false, ["workflow-schema"]],
      ["d.yml", false, true, []],
    ]);
  });

  it("lints through the same entry point", () => {
    expect(lint({ path: "x.yml", text: "a: b\n" }).map((each) => each.message)).toEqual([
      "The file is not a workflow of any known dialect.",
    ]);
    expect(lint({ path: "x.yml", text: workflow })).toEqual([]);
  });

  it("reads the schedules of a commit, in every dialect, and reports those that never run", () => {
    const { lines, diagnostics } = readSchedules([
      {
        path: ".github/workflows/a.yml",
        text: workflow.replace("push", "{schedule: [{cron: 1 2 3 4 5, timezone: Asia/Tokyo}]}"),
      },
      {
        path: ".github/workflows/bad.yml",
        text: workflow.replace("push", "{schedule: [{cron: 1 2 3 4 5}, {cron: 1 2 3 4 8}]}"),
      },
      { path: ".github/workflows/broken.yml", text: "on: {schedule: [{cron: 1 2 3 4 5}\n" },
      { path: ".github/workflows/other.yml", text: "on: [\n" },
      {
        path: ".sluice/n.yml",
        text: "name: N\ntriggers: [{type: schedule, cron: '@daily'}]\nsteps: [{type: checkout}]\n",
      },
      { path: ".woodpecker.yml", text: "when: {event: cron, cron: '@weekly'}\nsteps: [{image: sh, commands: x}]\n" },
      {
        path: ".woodpecker/w.yml",
        text: "when: {event: cron, cron: ['@hourly', '0 0 31 2 *']}\nsteps: [{image: sh, commands: x}]\n",
      },
    ]);
    expect(
      lines.map(
        ({ file, cron, timeZone, name, line, column }) => `${file}:${line}:${column} ${name} ${cron} ${timeZone}`,
      ),
    ).toEqual([
      ".github/workflows/a.yml:1:24 .github/workflows/a.yml 1 2 3 4 5 Asia/Tokyo",
      ".sluice/n.yml:2:35 N @daily UTC",
      ".woodpecker/w.yml:1:28 w @hourly UTC",
    ]);
    expect(diagnostics.map(({ file, line, column, code }) => `${file}:${line}:${column} ${code}`)).toEqual([
      ".github/workflows/bad.yml:1:51 workflow-schedule",
      ".github/workflows/broken.yml:2:1 yaml-syntax",
      ".woodpecker/w.yml:1:44 workflow-schedule",
    ]);
  });

  it("treats a schedule that is not a cron line as a Woodpecker name", () => {
    const files = [
      { path: ".github/workflows/a.yml", text: workflow.replace("push", "{schedule: [{cron: 0 3 * * *}]}") },
      {
        path: ".woodpecker/named.yml",
        text: "skip_clone: true\nwhen: {event: cron, cron: 'nightly*'}\nsteps: [{image: a, commands: [b]}]\n",
      },
      {
        path: ".woodpecker/other.yml",
        text: "skip_clone: true\nwhen: {event: cron, cron: weekly}\nsteps: [{image: a, commands: [b]}]\n",
      },
    ];
    const compiled = compileAll(files, {
      ...context,
      event: { ...event, kind: "schedule", schedule: "nightly-build" },
    });
    expect(compiled.flatMap(({ plan, file }) => (plan === undefined ? [] : [file]))).toEqual([".woodpecker/named.yml"]);
  });

  it("starts with a schedule those that have its line and zone, and in Woodpecker those that start with any of Woodpecker's", () => {
    const scheduled = (zone: string) => workflow.replace("push", `{schedule: [{cron: 0 3 * * *, timezone: ${zone}}]}`);
    const files = [
      { path: ".github/workflows/a.yml", text: scheduled("UTC") },
      { path: ".github/workflows/b.yml", text: scheduled("Asia/Tokyo") },
      { path: ".github/workflows/c.yml", text: workflow },
      { path: ".woodpecker/any.yml", text: "steps: [{image: sh, commands: x}]\n" },
      {
        path: ".woodpecker/each.yml",
        text: "when: {event: cron, cron: '* * * * *'}\nsteps: [{image: sh, commands: x}]\n",
      },
    ];
    const started = (more: typeof files, schedule: string, timeZone?: string) =>
      compileAll([...files, ...more], {
        ...context,
        event: { ...event, kind: "schedule", schedule, ...(timeZone === undefined ? {} : { timeZone }) },
      }).flatMap(({ plan, file }) => (plan === undefined ? [] : [file]));
    expect(started([], "0 3 * * *")).toEqual([".github/workflows/a.yml"]);
    expect(started([], "0 3 * * *", "Asia/Tokyo")).toEqual([".github/workflows/b.yml"]);
    expect(started([], "* * * * *")).toEqual([".woodpecker/any.yml", ".woodpecker/each.yml"]);
    const nightly = {
      path: ".woodpecker/night.yml",
      text: "when: {event: cron, cron: '0 3 * * *'}\ndepends_on: [any]\nsteps: [{image: sh, commands: x}]\n",
    };
    expect(started([nightly], "0 3 * * *")).toEqual([
      ".github/workflows/a.yml",
      ".woodpecker/any.yml",
      ".woodpecker/night.yml",
    ]);
  });
});

function compiled(needs: Readonly<Record<string, readonly string[]>>, required = true): readonly Compilation[] {
  const [base] = compileAll([{ path: ".github/workflows/a.yml", text: workflow }], context);
  const plan = base?.plan;
  if (plan === undefined) throw new Error("no plan");
  return Object.entries(needs).map(([name, list]) => ({
    file: `${name}.yaml`,
    diagnostics: [],
    plan: { ...plan, workflow: name, needs: list.map((workflow) => ({ workflow, required })) },
  }));
}

function check(compilations: readonly Compilation[], files: readonly string[] = []): readonly string[] {
  const all = [...compilations.map((each) => each.file), ...files].map((path) => ({ path, text: "" }));
  return checkWorkflowNeeds(all, compilations).flatMap((each) =>
    each.diagnostics.map(
      (one) =>
        `${each.file} ${one.code} ${each.plan !== undefined ? "runs" : each.skipped === undefined ? "stopped" : "left out"}`,
    ),
  );
}

describe("needs between workflows", () => {
  it("must name existing workflows, unless they are optional; the others still run", () => {
    expect(check(compiled({ a: [], b: ["a", "c"] }))).toEqual(["b.yaml workflow-needs-unknown left out"]);
    expect(check(compiled({ a: [], b: ["c"] }, false))).toEqual([]);
    expect(check(compiled({ b: ["c"] }), [".woodpecker/c.yaml"])).toEqual([]);
  });

  it("skip what needs a workflow outside the run, and what needs that one in turn", () => {
    const files = [{ path: "gone.yaml", text: "" }];
    const left = checkWorkflowNeeds(
      files,
      compiled({ last: ["middle"], middle: ["first"], first: ["gone"], free: [] }),
    );
    expect(left.map(({ file, plan, skipped }) => [file, plan?.workflow ?? skipped])).toEqual([
      ["last.yaml", "it needs `middle`, which is not part of this run"],
      ["middle.yaml", "it needs `first`, which is not part of this run"],
      ["first.yaml", "it needs `gone`, which is not part of this run"],
      ["free.yaml", "free"],
    ]);
    const optional = checkWorkflowNeeds([], compiled({ a: ["b", "c"], c: [] }, false));
    expect(optional.map(({ plan }) => plan?.needs)).toEqual([[{ workflow: "c", required: false }], []]);
  });

  it("must not form cycles; workflows that wait for a cycle are not blamed", () => {
    expect(check(compiled({ a: ["b"], b: ["c"], c: ["a"], d: ["a"], e: [], f: ["e"] }))).toEqual([
      "a.yaml workflow-needs-cycle stopped",
      "b.yaml workflow-needs-cycle stopped",
      "c.yaml workflow-needs-cycle stopped",
    ]);
    expect(check(compiled({ a: ["a"] }))).toEqual(["a.yaml workflow-needs-cycle stopped"]);
    expect(check(compiled({ a: ["b", "c"], b: ["d"], c: ["d"], d: [] }))).toEqual([]);
  });
});
