import { availableParallelism } from "node:os";
import { type Effect, type EngineInput, type JobState, type RunState, advance, createRun } from "../../engine/index.ts";
import { type JobPorts, type Transfers, runJob } from "../../job/index.ts";
import {
  type Assignment,
  type JobPlan,
  type JobReport,
  type JobResult,
  type Plan,
  type RunStatus,
  type Source,
  SluiceError,
  messageOf,
  stepName,
} from "../../model/index.ts";
import { LocalGroups } from "./groups.ts";
import type { JobOutcome, RunObserver, StepOutcome } from "./observer.ts";

export interface Execution {
  readonly plans: readonly Plan[];
  readonly backend: JobPorts["backend"];
  readonly secrets: Readonly<Record<string, string>>;
  readonly source: Source;
  readonly repository: string;
  readonly transfers: Transfers;
  readonly workRoot: string;
  readonly signal: AbortSignal;
  readonly observer: RunObserver;
}

type Queued = Extract<Effect, { type: "job.queued" }>;

/** How many jobs run at once. */
const capacity = Math.max(2, availableParallelism());

/**
 * Drives the engine until the run finishes: runs what it queues here, and feeds back what happens. The same engine and
 * job code as on a server, without the store and the network.
 */
export async function executeRun(execution: Execution): Promise<RunStatus> {
  const { plans, observer, signal } = execution;
  const steps = new Map<string, Map<number, StepOutcome>>();
  const queue: Queued[] = [];
  const cancels = new Map<string, AbortController>();
  const groups = new LocalGroups();
  let running = 0;
  let state: RunState;

  const finished = Promise.withResolvers<RunStatus>();
  const { state: first, effects } = createRun(plans);
  state = first;
  const reported = new Set<string>();
  perform(effects);
  const cancel = (): void => feed({ type: "cancel", reason: "interrupted" });
  signal.addEventListener("abort", cancel, { once: true });
  try {
    const status = await finished.promise;
    reportEnded();
    observer.runFinished(status, state.jobs.map(outcome));
    return status;
  } finally {
    signal.removeEventListener("abort", cancel);
  }

  function feed(input: EngineInput): void {
    const transition = advance(plans, state, input);
    state = transition.state;
    perform(transition.effects);
  }

  function perform(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.type === "job.queued") queue.push(effect);
      else if (effect.type === "job.cancel") cancels.get(effect.key)?.abort();
      else if (effect.type === "run.finished") finished.resolve(effect.status);
      else for (const input of groups.perform(effect, state)) feedLater(input);
    }
    start();
  }

  /** Effects are performed one list at a time; what they cause waits its turn. */
  function feedLater(input: EngineInput): void {
    queueMicrotask(() => feed(input));
  }

  function start(): void {
    while (running < capacity) {
      const next = queue.shift();
      if (next === undefined) return;
      const job = find(next.key);
      if (job.status !== "queued" || job.attempt !== next.attempt) continue;
      running += 1;
      void execute(next, job);
    }
  }

  async function execute(next: Queued, job: JobState): Promise<void> {
    const controller = new AbortController();
    cancels.set(next.key, controller);
    const planned = planOf(execution, job).job.steps;
    steps.set(
      job.key,
      new Map(planned.map((step, index) => [index, { ...untouched, id: step.id, name: stepName(step) }])),
    );
    observer.jobStarted({ key: job.key, name: job.name, workflow: job.workflow });
    feed({ type: "job.started", key: next.key, attempt: next.attempt });
    let result: { status: JobResult; outputs: Readonly<Record<string, string>>; reason?: string | undefined } = {
      status: "failure",
      outputs: {},
      reason: "the job did not report a result",
    };
    try {
      await runJob(assignment(execution, next, job), {
        reporter: {
          report(entry) {
            if (entry.type === "job.finished") result = entry;
            else note(job.key, entry);
          },
          log: (step, bytes) => observer.log(job.key, step, bytes),
        },
        transfers: execution.transfers,
        backend: execution.backend,
        workRoot: execution.workRoot,
        runner: { name: "local" },
        signal: controller.signal,
        graceMs: 5000,
      });
    } catch (error) {
      result = { status: "failure", outputs: {}, reason: messageOf(error) };
    }
    running -= 1;
    cancels.delete(next.key);
    feed({
      type: "job.finished",
      key: next.key,
      attempt: next.attempt,
      status: result.status,
      outputs: result.outputs,
      ...(result.reason === undefined ? {} : { reason: result.reason }),
    });
    reportEnded();
  }

  /** Notifies the observer of every job that has finished since, including those that never started. */
  function reportEnded(): void {
    for (const job of state.jobs) {
      if (reported.has(job.key) || !ended.has(job.status)) continue;
      reported.add(job.key);
      observer.jobFinished(outcome(job));
    }
  }

  function note(job: string, entry: JobReport): void {
    const known = steps.get(job) ?? new Map<number, StepOutcome>();
    steps.set(job, known);
    if (entry.type === "step.added") known.set(entry.step, { ...untouched, id: entry.id, name: entry.name });
    if (entry.type === "step.started" || entry.type === "step.finished") {
      const before = known.get(entry.step) ?? untouched;
      known.set(
        entry.step,
        entry.type === "step.started"
          ? { ...before, name: entry.name, status: "running" }
          : { ...before, status: entry.status, allowed: entry.allowed, exitCode: entry.exitCode ?? 0 },
      );
    }
    if (entry.type !== "job.finished" && entry.type !== "step.added")
      observer.step(job, entry, known.get(entry.step)?.name ?? "");
  }

  function outcome(job: JobState): JobOutcome {
    const known = steps.get(job.key);
    const own = known === undefined ? neverRun(job) : [...known].toSorted(([a], [b]) => a - b).map(([, step]) => step);
    return {
      id: job.key,
      name: job.name,
      workflow: job.workflow,
      status: job.status,
      allowed: job.allowed,
      outputs: job.outputs,
      ...(job.reason === undefined ? {} : { reason: job.reason }),
      steps: own,
    };
  }

  /** The steps of a job that finished without starting. */
  function neverRun(job: JobState): readonly StepOutcome[] {
    const status = job.status === "cancelled" ? "cancelled" : "skipped";
    return planOf(execution, job).job.steps.map((step) => ({
      ...untouched,
      id: step.id,
      name: stepName(step),
      status,
    }));
  }

  function find(key: string): JobState {
    const job = state.jobs.find((each) => each.key === key);
    if (job === undefined) throw new SluiceError("internal", `The engine queued an unknown job ${key}.`);
    return job;
  }
}

const untouched: StepOutcome = { id: "", name: "", status: "pending", allowed: false, exitCode: 0 };

const ended: ReadonlySet<string> = new Set(["success", "failure", "cancelled", "skipped", "lost"]);

function planOf(execution: Execution, job: JobState): { readonly plan: Plan; readonly job: JobPlan } {
  const plan = execution.plans.find((each) => each.workflow === job.workflow);
  const jobPlan = plan?.jobs.find((each) => each.id === job.job);
  if (plan === undefined || jobPlan === undefined) throw new SluiceError("internal", `The plan has no job ${job.key}.`);
  return { plan, job: jobPlan };
}

function assignment(execution: Execution, next: Queued, job: JobState): Assignment {
  const { plan, job: jobPlan } = planOf(execution, job);
  const { jobs: _jobs, ...header } = plan;
  return {
    lease: { job: job.key, fence: 1 },
    run: { id: "1", number: 1, attempt: 1 },
    repository: execution.repository,
    plan: header,
    job: jobPlan,
    key: job.key,
    name: job.name,
    contexts: next.contexts,
    secrets: execution.secrets,
    timeoutMinutes: next.timeoutMinutes,
    source: execution.source,
  };
}
