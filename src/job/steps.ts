import { conditionOf } from "../expression/index.ts";
import { stepName, type StepPlan } from "../model/index.ts";
import type { JobControl, Running } from "./control.ts";
import { StepLog } from "./output/log.ts";
import type { Services } from "./services.ts";
import type { BackgroundSteps } from "./background-steps.ts";
import { endOfJob } from "./backend/port.ts";
import { reportEnd } from "./report-end.ts";
import type { Frame, JobRun, StepResult } from "./state.ts";

/** A step that was started; for a detached one only the start is waited for. */
interface Started {
  readonly done: Promise<unknown>;
  /** When it is up, or has failed to start. */
  readonly up: Promise<unknown>;
  /** Set for a detached one, which runs as long as the job and is stopped at its end. */
  readonly stop?: () => void;
}

/** What runs beside the steps that are waited for. */
export interface Beside {
  readonly background: BackgroundSteps;
  /** Absent if the job has none. */
  readonly services: Services | undefined;
}

/**
 * Runs the steps of the plan: one after the other, or as a graph if any of them has needs. Returns when all have ended;
 * background steps are waited for, detached ones stopped. The services start after the checkout, as in Woodpecker: a
 * failure to start is known before the first step that could use them.
 */
export async function runSteps(job: JobRun, control: JobControl, beside: Beside): Promise<void> {
  const { steps } = job.assignment.job;
  const { services, background } = beside;
  const detached: Started[] = [];
  const begin = async (index: number, step: StepPlan): Promise<unknown> => {
    if (step.action.type !== "typed" || step.action.kind !== "checkout") await services?.start();
    if (step.background === true) {
      startInBackground(job, control, background, { index, step });
      return undefined;
    }
    const started = startStep(job, control, index, step);
    if (started.stop === undefined) return started.done;
    detached.push(started);
    // The next step may be skipped because this one did not start.
    return started.up;
  };
  if (steps.some((step) => step.needs !== undefined)) await runGraph(steps, begin);
  else for (const [index, step] of steps.entries()) await begin(index, step);
  await services?.start();
  if ((await background.end()) && job.frame.status === "success") job.frame.status = "failure";
  for (const each of detached) each.stop?.();
  await Promise.all(detached.map((each) => each.done));
}

/** Starts each step when its needs have ended, whatever their result: its condition decides whether it runs. */
async function runGraph(
  steps: readonly StepPlan[],
  begin: (index: number, step: StepPlan) => Promise<unknown>,
): Promise<void> {
  const known = new Set(steps.map((step) => step.id));
  const waiting = new Map(steps.map((step, index) => [step.id, { index, step }]));
  const running = new Map<string, Promise<string>>();
  const ended = new Set<string>();
  while (waiting.size > 0 || running.size > 0) {
    for (const [id, { index, step }] of waiting) {
      // A missing step cannot be waited for; the front ends report it.
      if (!(step.needs ?? []).every((need) => ended.has(need) || !known.has(need))) continue;
      waiting.delete(id);
      running.set(id, idAfter(begin(index, step), id));
    }
    if (running.size === 0) throw new Error(`The steps ${[...waiting.keys()].join(", ")} wait for each other.`);
    const id = await Promise.race(running.values());
    running.delete(id);
    ended.add(id);
  }
}

async function idAfter(done: Promise<unknown>, id: string): Promise<string> {
  await done;
  return id;
}

/** A step in the background; ended with the job, by `cancel`, or by itself. */
function startInBackground(
  job: JobRun,
  control: JobControl,
  background: BackgroundSteps,
  { index, step }: { readonly index: number; readonly step: StepPlan },
): void {
  const controller = new AbortController();
  background.start(job, step, {
    name: stepName(step),
    controller,
    run: (frame) =>
      runPlanned(job, control, { index, step, frame, controller, up: () => undefined, ended: (result) => result }),
  });
}

function startStep(job: JobRun, control: JobControl, index: number, step: StepPlan): Started {
  const controller = new AbortController();
  const detached = step.action.type === "container" && step.action.detach === true;
  const up = Promise.withResolvers<void>();
  let stopped = false;
  const done = runPlanned(job, control, {
    index,
    frame: job.frame,
    step: detached ? { ...step, continueOnError: true } : step,
    controller,
    up: up.resolve,
    ended: (result) =>
      stopped && result.status === "cancelled" ? { status: "success", allowed: false, exitCode: 0 } : result,
  });
  if (!detached) return { done, up: done };
  return {
    done,
    up: Promise.race([up.promise, done]),
    stop: () => {
      stopped = true;
      controller.abort(endOfJob);
    },
  };
}

interface Planned {
  readonly index: number;
  readonly step: StepPlan;
  readonly frame: Frame;
  readonly controller: AbortController;
  /** Called when what it starts is up. */
  up(): void;
  /** Can change the result: a step that we stopped ourselves was not cancelled. */
  ended(result: StepResult): StepResult;
}

async function runPlanned(job: JobRun, control: JobControl, planned: Planned): Promise<StepResult> {
  const { index, step, frame, controller } = planned;
  const running: Running = { condition: step.if === undefined ? undefined : conditionOf(step.if.$expr), controller };
  let timer: NodeJS.Timeout | undefined;
  let late: string | undefined;
  control.enter(running);
  const result = await job.runStep(frame, step, {
    log: new StepLog(index, job.ports.reporter, job.masker),
    signal: controller.signal,
    begin: (name, limitMs) => {
      job.report({ type: "step.started", step: index, name, at: Date.now() });
      if (limitMs === undefined || limitMs > 0x7fff_ffff) return;
      timer = setTimeout(() => {
        late = `The step exceeded its timeout of ${limitMs / 60_000} minutes.`;
        controller.abort();
      }, limitMs);
    },
    timedOut: () => late,
    up: () => planned.up(),
  });
  clearTimeout(timer);
  control.leave(running);
  const ended = planned.ended(result);
  reportEnd(job, index, ended);
  return ended;
}
