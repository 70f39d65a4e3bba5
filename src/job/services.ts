import { evaluateText } from "../expression/index.ts";
import { messageOf, type Service } from "../model/index.ts";
import { pretend, type Pretence } from "./backend/dummy/dummy.ts";
import { contextsFor } from "./contexts.ts";
import { evaluateEnvironment } from "./environment/evaluate.ts";
import { StepLog } from "./output/log.ts";
import { endOfJob, type Ending, type JobRun } from "./state.ts";
import { reportEnd } from "./steps.ts";

/** Services that run beside the steps of a job. */
export interface Services {
  /** Starts them, the first time. One that does not start fails the job. */
  start(): void;
  /** Stops them and reports how they ended, each as a step of the job. */
  stop(): Promise<void>;
}

/** Plays the services of a job on the dummy backend: they are scripted by their variables, as steps are. */
export function dummyServices(job: JobRun): Services {
  const controller = new AbortController();
  let started: (() => Promise<void>)[] | undefined;
  return {
    start: () => {
      if (started !== undefined) return;
      // Read before any of them starts: they start together.
      const wanted = job.frame.status === "success";
      started = job.assignment.job.services.map((service) => startOne(job, service, wanted, controller.signal));
    },
    stop: async () => {
      controller.abort(endOfJob);
      for (const end of started ?? []) await end();
    },
  };
}

/** Starts one, and answers how to await and report its end. */
function startOne(job: JobRun, service: Service, wanted: boolean, signal: AbortSignal): () => Promise<void> {
  const index = job.addStep(service.id, service.id);
  if (!wanted) return () => Promise.resolve(reportEnd(job, index, { status: "skipped", allowed: false }));
  job.report({ type: "step.started", step: index, name: service.id, at: Date.now() });
  const log = new StepLog(index, job.ports.reporter, job.masker);
  let isUp = false;
  const ending = play(job, service, log, { signal, up: () => (isUp = true) });
  if (!isUp && job.frame.status === "success") job.frame.status = "failure";
  return async () => {
    const result = await ending;
    await log.flush();
    // A service that failed is told; what counts are the steps that needed it.
    reportEnd(job, index, { ...result, allowed: result.status === "failure" && isUp });
  };
}

async function play(
  job: JobRun,
  service: Service,
  log: StepLog,
  life: Pick<Pretence, "signal" | "up">,
): Promise<Ending> {
  try {
    const env: Record<string, string> = { ...job.env };
    const contexts = contextsFor(job.frame, env, {});
    evaluateEnvironment(service.env, contexts, job.functions, env);
    const lines = service.commands?.map((line) => evaluateText(line, contexts, job.functions)) ?? [];
    return await pretend({
      type: "service",
      name: service.id,
      lines,
      env,
      ...life,
      print: (text) => log.write([Buffer.from(text)]),
    });
  } catch (error) {
    return { status: "failure", reason: messageOf(error) };
  }
}
