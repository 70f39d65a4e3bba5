import { describe, expect, it } from "vitest";
import type { Job, RunDetail } from "../../../src/model/index.ts";
import { judgeGroups, judgeRun } from "./oracle.ts";
import type { Execution } from "./side-file.ts";
import { type JobKind, type Project, projects } from "./workload.ts";

const sha = "a".repeat(40);
const kind: JobKind = { name: "one", steps: 1, retries: 0, needs: [], always: false };
const project: Project = { repository: "shop", jobs: [kind], text: () => "" };

function job(more: Partial<Job> = {}): Job {
  const step = { index: 0, id: "s1", name: "s1", status: "success", allowed: false, lines: 3, bytes: 30 } as const;
  return {
    id: "j",
    key: "ci/one",
    job: "one",
    workflow: "ci",
    name: "one",
    attempt: 1,
    status: "success" as const,
    allowed: false,
    needs: [],
    outputs: {},
    steps: [step],
    ...more,
  };
}

function run(jobs: readonly Job[], earlier: readonly Job[] = [], status: RunDetail["status"] = "success"): RunDetail {
  return {
    id: "r",
    repository: "shop",
    number: 1,
    version: 1,
    attempt: 1,
    title: "",
    event: "push",
    ref: "",
    sha,
    author: "",
    sender: "",
    createdAt: "",
    workflows: [],
    annotations: [],
    summaries: [],
    artifacts: [],
    diagnostics: [],
    leftOut: { annotations: false, summaries: false },
    status,
    jobs: [...jobs],
    earlier: [...earlier],
  };
}

let line = 0;
/** An execution whose marks stand in the file one after the other. */
function execution(folder: string, marks: string, more: Partial<Execution> = {}): Execution {
  const all = marks.split(" ").map((mark) => {
    line += 1;
    return { step: Number(mark[1]), what: mark.startsWith("s") ? ("start" as const) : ("end" as const), line };
  });
  return { sha, job: "one", folder, marks: all, ...more };
}

const rules = (detail: RunDetail, executions: readonly Execution[], of = project, healthy: readonly string[] = []) =>
  judgeRun(detail, { project: of, executions, healthy: new Set(healthy) }).map(({ rule }) => rule);

describe("the oracle of the long chaos suite", () => {
  it("has nothing to say about a run whose steps ran once", () => {
    expect(rules(run([job()]), [execution("a", "s1 e1")])).toEqual([]);
  });

  it("finds a step that ran again after it had finished, and a job that began again", () => {
    expect(rules(run([job()]), [execution("a", "s1 e1"), execution("b", "s1 e1")])).toEqual(["finished-step-again"]);
    expect(rules(run([job()]), [execution("a", "s1"), execution("b", "s1 e1")])).toEqual(["started-job-again"]);
    expect(rules(run([job()]), [execution("a", "s1 s1 e1")])).toEqual(["step-twice", "success-incomplete"]);
  });

  it("allows an attempt more only where the job asks for it", () => {
    const twice = run([job({ attempt: 2 })], [job({ status: "lost" })]);
    const executions = [execution("a", "s1"), execution("b", "s1 e1")];
    expect(rules(twice, executions)).toEqual(["retried-unasked"]);
    expect(rules(twice, executions, { ...project, jobs: [{ ...kind, retries: 1 }] })).toEqual([]);
    const given = run([job({ status: "lost" })], [], "failure");
    expect(rules(given, [], { ...project, jobs: [{ ...kind, retries: 1 }] })).toEqual(["retry-missing"]);
  });

  it("finds a success whose steps did not run to their end", () => {
    expect(rules(run([job()]), [])).toEqual(["success-incomplete"]);
    expect(rules(run([job()]), [execution("a", "s1")])).toEqual(["success-incomplete"]);
  });

  it("finds what has not ended", () => {
    expect(rules(run([job({ status: "queued", steps: [] })], [], "running"), [])).toEqual([
      "run-unfinished",
      "job-unfinished",
    ]);
    const [step] = job().steps;
    const open = step === undefined ? [] : [{ ...step, status: "running" as const }];
    expect(rules(run([job({ status: "lost", steps: open })], [], "failure"), [])).toEqual(["step-unfinished"]);
  });

  it("finds a job that is lost on a runner that nobody touched", () => {
    const lost = run([job({ status: "lost", runner: "steady", steps: [] })], [], "failure");
    expect(rules(lost, [], project, ["steady"])).toEqual(["lost-unbegun-on-healthy-runner"]);
    expect(rules(lost, [execution("a", "s1")], project, ["steady"])).toEqual(["lost-on-healthy-runner"]);
    expect(rules(lost, [execution("a", "s1")])).toEqual([]);
  });

  it("finds a job that was skipped, or run, against its needs, and a run whose status is not that of its jobs", () => {
    const two: Project = { ...project, jobs: [kind, { ...kind, name: "two", needs: ["one"] }] };
    const skipped = job({ name: "two", status: "skipped", steps: [] });
    expect(rules(run([job(), skipped], [], "failure"), [execution("a", "s1 e1")], two)).toEqual(["skipped-wrongly"]);
    const lost = job({ status: "lost", steps: [] });
    const ran = [execution("b", "s1 e1", { job: "two" })];
    expect(rules(run([lost, job({ name: "two" })], [], "failure"), ran, two)).toEqual(["run-wrongly"]);
    expect(rules(run([job()], [], "failure"), [execution("a", "s1 e1")])).toEqual(["run-status"]);
  });

  it("finds two holders of a group whose steps ran at the same time", () => {
    const own: Project = { ...project, jobs: [{ ...kind, group: "deploy" }] };
    const [first, second] = [execution("a", "s1"), execution("b", "s1")];
    const late = { ...first, marks: [...first.marks, { step: 1, what: "end" as const, line: line + 1 }] };
    expect(judgeGroups(own, [first, second])).toEqual([]);
    expect(judgeGroups(own, [late, second]).map(({ rule }) => rule)).toEqual(["group-two-holders"]);
    const whole: Project = { ...project, group: "all" };
    expect(judgeGroups(whole, [late, { ...second, job: "two" }])).toEqual([]);
    expect(judgeGroups(whole, [late, { ...second, sha: "b".repeat(40) }]).map(({ rule }) => rule)).toEqual([
      "group-two-holders",
    ]);
  });

  it("knows every job of its own workflows", () => {
    for (const each of projects)
      for (const { name } of each.jobs) expect(each.text("/side")).toContain(name.replace(/-\d$/, ""));
  });
});
