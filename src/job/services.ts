import { evaluateText } from "../expression/index.ts";
import { messageOf, type Service } from "../model/index.ts";
import { endingOf, notStarted } from "./action/execution.ts";
import { endOfJob, NotStarted, type Container, type Exit } from "./backend/port.ts";
import { evaluateContainer } from "./containers.ts";
import { contextsFor } from "./contexts.ts";
import { StepLog } from "./output/log.ts";
import { reportEnd } from "./report-end.ts";
import type { Ending, JobRun } from "./state.ts";
import { evaluateVariables } from "./variables.ts";

/** Services that run beside the steps of a job. */
export interface Services {
  /**
   * Starts them together, the first time. A service that does not start fails the job. Resolves when all are up, or
   * have failed.
   */
  start(): Promise<void>;
  /** Stops them and reports how they ended, each as a step of the job. */
  stop(): Promise<void>;
}

/** The services of a job; undefined if it has none. */
export function servicesOf(job: JobRun): Services | undefined {
  if (job.assignment.job.services.length === 0) return undefined;
  const controller = new AbortController();
  let starting: Promise<readonly Running[]> | undefined;
  return {
    start: async () => {
      starting ??= startAll(job, controller.signal);
      await starting;
    },
    stop: async () => {
      controller.abort(endOfJob);
      for (const { end } of (await starting) ?? []) await end();
    },
  };
}

interface Running {
  /** Awaits and reports its end. */
  readonly end: () => Promise<void>;
}

async function startAll(job: JobRun, signal: AbortSignal): Promise<readonly Running[]> {
  // Checked before any of them starts: they start together.
  const wanted = job.frame.status === "success";
  const running: Promise<Running>[] = [];
  for (const service of job.assignment.job.services) {
    const start = await evaluated(job, service);
    if (start === "none") continue;
    const index = job.addStep(service.id, service.id);
    running.push(wanted ? startOne(job, index, start, signal) : Promise.resolve({ end: skipped(job, index) }));
  }
  return Promise.all(running);
}

function skipped(job: JobRun, index: number): () => Promise<void> {
  return async () => reportEnd(job, index, { status: "skipped", allowed: false });
}

interface Evaluated {
  readonly id: string;
  readonly container: Container;
  readonly commands?: readonly string[];
}

/**
 * A fully evaluated service, or why it is invalid; `none` if its image is empty. The job's variables are below its own.
 */
async function evaluated(job: JobRun, service: Service): Promise<Evaluated | { readonly error: unknown } | "none"> {
  const { id, commands } = service;
  try {
    return await job.evaluate((functions) => {
      const env = evaluateVariables(service.env, contextsFor(job.frame, job.env, {}), functions, job.env);
      const contexts = contextsFor(job.frame, env, {});
      const container = evaluateContainer(service, contexts, functions);
      if (container === undefined) return "none";
      const lines = commands?.map((line) => evaluateText(line, contexts, functions));
      return { id, container: { ...container, env }, ...(lines === undefined ? {} : { commands: lines }) };
    });
  } catch (error) {
    return { error };
  }
}

async function startOne(
  job: JobRun,
  index: number,
  service: Evaluated | { readonly error: unknown },
  signal: AbortSignal,
): Promise<Running> {
  const log = new StepLog(index, job.ports.reporter, job.masker);
  let exit: Promise<Exit>;
  try {
    if ("error" in service) throw service.error;
    job.report({ type: "step.started", step: index, name: service.id, at: Date.now() });
    const started = await job.environment.startService({
      ...service,
      output: (bytes) => log.write([bytes]),
      signal,
      graceMs: job.ports.graceMs,
    });
    job.services[service.id] = started.context;
    ({ exit } = started);
  } catch (error) {
    if (job.frame.status === "success") job.frame.status = "failure";
    const ending: Ending =
      error instanceof NotStarted ? notStarted(error) : { status: "failure", reason: messageOf(error) };
    return { end: async () => reportEnd(job, index, { ...ending, allowed: false }) };
  }
  exit.catch(() => undefined); // Whoever awaits its end gets the error.
  return { end: () => reportExit(job, index, log, exit) };
}

/** A failed service is reported; what counts are the steps that needed it. */
async function reportExit(job: JobRun, index: number, log: StepLog, exit: Promise<Exit>): Promise<void> {
  let ending: Ending;
  try {
    const ended = await exit;
    // Nobody cancelled it: its job is over.
    ending = ended.stopped ? { status: "success", exitCode: 0 } : endingOf(ended);
  } catch (error) {
    ending = { status: "failure", reason: messageOf(error) };
  }
  await log.flush();
  reportEnd(job, index, { ...ending, allowed: ending.status === "failure" });
}
