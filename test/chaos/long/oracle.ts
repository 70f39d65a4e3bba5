import { isTerminal, type Job, type RunDetail } from "../../../src/model/index.ts";
import type { Execution } from "./side-file.ts";
import type { JobKind, Project } from "./workload.ts";

/** A promise that did not hold. */
export interface Violation {
  readonly rule: string;
  readonly what: string;
  /** Id of the run. */
  readonly run?: string;
}

export interface Facts {
  readonly project: Project;
  /** Those of the run's commit. */
  readonly executions: readonly Execution[];
  /** Names of runners that no fault has hit. */
  readonly healthy: ReadonlySet<string>;
}

/** Compares a run that had time to end with what its steps wrote. */
export function judgeRun(run: RunDetail, facts: Facts): Violation[] {
  const found: Violation[] = [];
  const report = (rule: string, what: string): void => {
    found.push({ rule, what: `${run.repository}#${run.number}: ${what}`, run: run.id });
  };
  if (!isTerminal(run.status)) report("run-unfinished", `it is ${run.status} and waits for ${run.waitsFor ?? "?"}`);
  const attempts = [...run.jobs, ...run.earlier];
  for (const kind of facts.project.jobs) {
    const its = attempts.filter((job) => job.name === kind.name);
    const latest = run.jobs.find((job) => job.name === kind.name);
    const executions = facts.executions.filter((each) => each.job === kind.name);
    // Jobs of a matrix appear when their needs have ended, or never.
    if (latest === undefined) {
      if (executions.length > 0) report("job-unknown", `${kind.name} was run, and the API does not have it`);
      continue;
    }
    judgeAttempts(kind, its, executions, facts, report);
    judgeLatest(kind, latest, run, executions.at(-1), report);
  }
  const succeeded = run.jobs.every((job) => job.status === "success");
  if (isTerminal(run.status) && succeeded !== (run.status === "success"))
    report("run-status", `it is ${run.status}, its jobs are ${run.jobs.map((job) => job.status).join(", ")}`);
  return found;
}

type Report = (rule: string, what: string) => void;

/** Attempts of a job against executions of its steps. */
function judgeAttempts(
  kind: JobKind,
  attempts: readonly Job[],
  executions: readonly Execution[],
  facts: Facts,
  report: Report,
): void {
  if (attempts.length > 1 + kind.retries)
    report("retried-unasked", `${kind.name} has ${attempts.length} attempts, and asked for ${kind.retries} more`);
  if (executions.length > attempts.length) {
    const finished = executions
      .slice(0, -1)
      .some((each, index) =>
        each.marks.some((mark) => mark.what === "end" && startedIn(executions[index + 1], mark.step)),
      );
    report(
      finished ? "finished-step-again" : "started-job-again",
      `${kind.name} began ${executions.length} times in ${attempts.length} attempts (${attempts.map((job) => job.status).join(", ")})`,
    );
  }
  for (const { marks, folder } of executions) {
    const keys = marks.map((mark) => `s${mark.step} ${mark.what}`);
    if (new Set(keys).size < keys.length) report("step-twice", `${kind.name} in ${folder}: ${keys.join(", ")}`);
  }
  for (const job of attempts) {
    if (!isTerminal(job.status)) report("job-unfinished", `${job.name} is ${job.status}, ${job.waitsFor ?? ""}`);
    else
      for (const step of job.steps)
        if (!isTerminal(step.status)) report("step-unfinished", `${job.name} ${step.name} is ${step.status}`);
    if (job.status === "lost" && facts.healthy.has(job.runner ?? ""))
      report(
        executions.length < attempts.length ? "lost-unbegun-on-healthy-runner" : "lost-on-healthy-runner",
        `${job.name} (attempt ${job.attempt}) was lost on ${job.runner}: ${job.reason}; it has ${executions.length} executions`,
      );
  }
}

function startedIn(execution: Execution | undefined, step: number): boolean {
  return execution?.marks.some((mark) => mark.step === step && mark.what === "start") ?? false;
}

/** The end of the newest attempt. */
function judgeLatest(kind: JobKind, job: Job, run: RunDetail, execution: Execution | undefined, report: Report): void {
  const needs = kind.needs.map((name) => run.jobs.find((each) => each.name === name)?.status);
  const ready = kind.always || needs.every((status) => status === "success");
  if (job.status === "skipped" && ready)
    report("skipped-wrongly", `${kind.name} was skipped, its needs: ${needs.join()}`);
  if (job.status !== "skipped" && isTerminal(job.status) && !ready)
    report("run-wrongly", `${kind.name} is ${job.status}, its needs: ${needs.join()}`);
  // No step fails, and nobody cancels.
  if (job.status === "failure" || job.status === "cancelled")
    report("failed-by-itself", `${kind.name} is ${job.status}: ${job.reason ?? reasons(job)}`);
  if (job.status === "lost" && job.attempt <= kind.retries)
    report("retry-missing", `${kind.name} was lost at attempt ${job.attempt} of ${1 + kind.retries}`);
  if (job.status !== "success") return;
  const wanted = Array.from({ length: kind.steps }, (_, index) => [`s${index + 1} start`, `s${index + 1} end`]).flat();
  const done = execution?.marks.map((mark) => `s${mark.step} ${mark.what}`) ?? [];
  if (done.join() !== wanted.join()) report("success-incomplete", `${kind.name} did ${done.join(", ") || "nothing"}`);
  if (job.steps.some((step) => step.status !== "success"))
    report("success-incomplete", `${kind.name} has steps ${job.steps.map((step) => step.status).join(", ")}`);
}

function reasons(job: Job): string {
  return job.steps.map((step) => `${step.name} ${step.status} ${step.exitCode ?? ""} ${step.reason ?? ""}`).join("; ");
}

/** Finds holders of a concurrency group whose steps ran at the same time. */
export function judgeGroups(project: Project, executions: readonly Execution[]): Violation[] {
  const found: Violation[] = [];
  const groups: (readonly (readonly Execution[])[])[] = project.jobs
    .filter((kind) => kind.group !== undefined)
    .map((kind) => executions.filter((each) => each.job === kind.name).map((each) => [each]));
  if (project.group !== undefined) groups.push([...Map.groupBy(executions, (each) => each.sha).values()]);
  for (const holders of groups) {
    const spans = holders
      .map((holder) => {
        const lines = holder.flatMap((each) => each.marks.map((mark) => mark.line));
        return {
          first: Math.min(...lines),
          last: Math.max(...lines),
          who: holder.map((each) => `${each.sha.slice(0, 8)} ${each.job}`),
        };
      })
      .toSorted((a, b) => a.first - b.first);
    for (const [index, span] of spans.entries()) {
      const next = spans[index + 1];
      if (next !== undefined && next.first < span.last)
        found.push({
          rule: "group-two-holders",
          what: `${project.repository}: ${next.who.join()} began at line ${next.first}, ${span.who.join()} went on until ${span.last}`,
        });
    }
  }
  return found;
}
