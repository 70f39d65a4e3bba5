import { evaluateText } from "../expression/index.ts";
import { messageOf, type Service } from "../model/index.ts";
import { pretend } from "./backend/dummy/dummy.ts";
import { contextsFor } from "./contexts.ts";
import { evaluateEnvironment } from "./environment/evaluate.ts";
import { StepLog } from "./output/log.ts";
import type { Ending, JobRun } from "./state.ts";
import { reportEnd } from "./steps.ts";

/** Services that run beside the steps of a job. */
export interface Services {
  /** Stops them and reports how they ended, each as a step of the job. */
  stop(): Promise<void>;
}

/** Plays the services of a job on the dummy backend: they are scripted by their variables, as steps are. */
export function startServices(job: JobRun): Services {
  const controller = new AbortController();
  const started = job.assignment.job.services.map((service) => {
    const index = job.addStep(service.id, service.id);
    job.report({ type: "step.started", step: index, name: service.id, at: Date.now() });
    const log = new StepLog(index, job.ports.reporter, job.masker);
    return { index, log, ending: play(job, service, log, controller.signal) };
  });
  return {
    stop: async () => {
      controller.abort();
      for (const { index, log, ending } of started) {
        const result = await ending;
        await log.flush();
        // A service that failed is told; what counts are the steps that needed it.
        reportEnd(job, index, { ...result, allowed: result.status === "failure" });
      }
    },
  };
}

async function play(job: JobRun, service: Service, log: StepLog, signal: AbortSignal): Promise<Ending> {
  try {
    const env: Record<string, string> = { ...job.env };
    const contexts = contextsFor(job.frame, env, {});
    evaluateEnvironment(service.env, contexts, job.functions, env);
    const lines = service.commands?.map((line) => evaluateText(line, contexts, job.functions)) ?? [];
    return await pretend({ type: "service", name: service.id, lines, env, signal, print: (text) => log.write([Buffer.from(text)]) });
  } catch (error) {
    return { status: "failure", exitCode: 1, reason: messageOf(error) };
  }
}
