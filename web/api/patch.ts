import { isOver } from "../state/state.ts";
import type { Job, LiveEvent, Now, Run, RunDetail, Step } from "./types.ts";

/*
 * Puts live events into what the page has fetched, so that it need not fetch again. Pure. An event that is older than
 * the data changes nothing, and one that is applied twice changes nothing the second time.
 */

export type EventOf<T extends LiveEvent["type"]> = Extract<LiveEvent, { type: T }>;

/** An event with content for one run. */
export type RunEvent = EventOf<"run" | "job" | "step" | "log">;

/** Whether the run has the job that the event is about. An event about the run itself is always known. */
export function knows(run: Pick<RunDetail, "jobs" | "earlier">, event: RunEvent): boolean {
  return event.type === "run" || [run.jobs, run.earlier].some((jobs) => jobs.some((job) => job.id === event.job));
}

/** The run with the event in it; the same object if the event brings nothing new. */
export function patchDetail(run: RunDetail, event: RunEvent): RunDetail {
  if (event.run !== run.id) return run;
  if (event.type === "log") return withJob(run, event.job, (job) => withLog(job, event));
  if (event.version < run.version) return run;
  switch (event.type) {
    case "run":
      return patchRun(run, event);
    case "job":
      return { ...withJob(run, event.job, (job) => patchJob(job, event)), version: event.version };
    case "step":
      return { ...withJob(run, event.job, (job) => patchStep(job, event)), version: event.version };
  }
}

/** A run as lists show it, with the event in it. */
export function patchRun<T extends Run>(run: T, event: EventOf<"run">): T {
  if (event.run !== run.id || event.version < run.version) return run;
  const { version, status, attempt, startedAt } = event;
  const states = new Map(event.workflows.map((each) => [each.workflow, each.status]));
  const workflows = run.workflows.map((each) => ({ ...each, status: states.get(each.workflow) ?? each.status }));
  const { waitsFor, wait, finishedAt, ...rest } = run;
  const end = event.finishedAt ?? finishedAt;
  return {
    ...(rest as T),
    version,
    status,
    attempt,
    workflows,
    ...(startedAt !== undefined && { startedAt }),
    ...(isOver(status) && end !== undefined && { finishedAt: end }),
    ...(runWaits(status) && { ...(waitsFor !== undefined && { waitsFor }), ...(wait !== undefined && { wait }) }),
  };
}

/** Now with the event in it; undefined if the run enters, leaves or changes its section, or waits. */
export function patchNow(now: Now, event: EventOf<"run">): Now | undefined {
  const { status } = event;
  if (status !== "running" || !now.running.some((run) => run.id === event.run)) return undefined;
  return { ...now, running: now.running.map((run) => patchRun(run, event)) };
}

/** Whether a run in this state waits for something that its events do not tell. */
export function runWaits(status: Run["status"]): boolean {
  return status === "pending" || status === "blocked";
}

function jobWaits(status: Job["status"]): boolean {
  return status === "waiting" || status === "queued";
}

/**
 * Whether the event changes what only the server can tell: what the job waits for, and its place in a queue; or, once it
 * starts, on which runner.
 */
export function asksForMore(event: EventOf<"run" | "job">): boolean {
  if (event.type === "run") return runWaits(event.status);
  return event.status === undefined ? event.name !== undefined : jobWaits(event.status) || event.status === "running";
}

function withJob(run: RunDetail, id: string, change: (job: Job) => Job): RunDetail {
  const apply = (jobs: Job[]): Job[] =>
    jobs.some((job) => job.id === id) ? jobs.map((job) => (job.id === id ? change(job) : job)) : jobs;
  return { ...run, jobs: apply(run.jobs), earlier: apply(run.earlier) };
}

function patchJob(job: Job, event: EventOf<"job">): Job {
  const { name = job.name, attempt = job.attempt, status = job.status, allowed = job.allowed } = event;
  const { waitsFor, wait, reason: _reason, startedAt: _startedAt, ...rest } = job;
  const reason = event.reason === undefined ? job.reason : event.reason;
  const startedAt = event.startedAt === undefined ? job.startedAt : event.startedAt;
  const waits = jobWaits(status);
  return {
    ...rest,
    name,
    attempt,
    status,
    allowed,
    ...(waits && waitsFor !== undefined && { waitsFor }),
    ...(waits && wait !== undefined && { wait }),
    ...(!waits && typeof reason === "string" && { reason }),
    ...(typeof startedAt === "string" && { startedAt }),
    ...(event.queuedAt !== undefined && { queuedAt: event.queuedAt }),
    ...(event.finishedAt !== undefined && { finishedAt: event.finishedAt }),
    steps: isOver(status) ? job.steps.map(settled) : job.steps,
  };
}

/** No step of a job that is over is open: its runner went away in the middle, or before it began. */
function settled(step: Step): Step {
  if (isOver(step.status)) return step;
  return { ...step, status: step.status === "pending" ? "skipped" : "cancelled" };
}

function patchStep(job: Job, event: EventOf<"step">): Job {
  const { type: _type, run: _run, job: _job, version: _version, step: index, ...changed } = event;
  const old = job.steps.find((step) => step.index === index);
  // A step that its job adds while it runs, such as the end of an action.
  const { id = `${index}`, name = id } = changed;
  const before: Step = old ?? { index, id, name, status: "pending", allowed: false, lines: 0, bytes: 0 };
  const step: Step = { ...before, ...given(changed) };
  // A message about the log may have overtaken it.
  if (step.bytes < before.bytes) Object.assign(step, { lines: before.lines, bytes: before.bytes });
  return withStep(job, isOver(job.status) ? settled(step) : step);
}

function withLog(job: Job, { step: index, lines, bytes }: EventOf<"log">): Job {
  const step = job.steps.find((each) => each.index === index);
  return step === undefined || step.bytes >= bytes ? job : withStep(job, { ...step, lines, bytes });
}

/** The job with this step in its place. */
function withStep(job: Job, step: Step): Job {
  const at = job.steps.findIndex((each) => each.index >= step.index);
  const replaced = at >= 0 && job.steps[at]?.index === step.index ? 1 : 0;
  return { ...job, steps: job.steps.toSpliced(at < 0 ? job.steps.length : at, replaced, step) };
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function given<T extends object>(fields: T): Given<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<T>;
}
