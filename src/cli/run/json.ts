import type { RunObserver } from "./observer.ts";
import { writeOut } from "./observer.ts";

/** Prints a run as NDJSON: one event per line, and nothing else on stdout. */
export function jsonObserver(): RunObserver {
  const decoders = new Map<string, InstanceType<typeof TextDecoder>>();
  return {
    diagnostics(found) {
      for (const diagnostic of found) emit({ type: "diagnostic", ...diagnostic });
    },
    notice(text) {
      emit({ type: "notice", message: text });
    },
    runStarted(workflows) {
      emit({ type: "run.started", workflows });
    },
    jobStarted(job) {
      emit({ type: "job.started", job: job.key, name: job.name, workflow: job.workflow });
    },
    step(job, report, name) {
      if (report.type === "step.finished") {
        emit({
          type: "step.finished",
          job,
          step: report.step,
          name,
          status: report.status,
          allowed: report.allowed,
          exitCode: report.exitCode ?? 0,
          ...(report.reason === undefined ? {} : { reason: report.reason }),
        });
      } else if (report.type === "step.started") {
        emit({ type: "step.started", job, step: report.step, name });
      } else if (report.type === "annotation") {
        emit({ type: "annotation", job, step: report.step, ...report.annotation });
      } else if (report.type === "summary") {
        emit({ type: "summary", job, step: report.step, markdown: report.markdown });
      }
    },
    log(job, step, bytes) {
      const key = `${job} ${step}`;
      let decoder = decoders.get(key);
      if (decoder === undefined) decoders.set(key, (decoder = new TextDecoder()));
      const text = decoder.decode(bytes, { stream: true });
      return text === "" ? undefined : emit({ type: "log", job, step, text });
    },
    jobFinished(job) {
      const { steps: _steps, ...rest } = job;
      emit({
        type: "job.finished",
        job: rest.id,
        name: rest.name,
        workflow: rest.workflow,
        status: rest.status,
        allowed: rest.allowed,
        outputs: rest.outputs,
        ...(rest.reason === undefined ? {} : { reason: rest.reason }),
      });
    },
    runFinished(status, jobs) {
      emit({ type: "run.finished", status, jobs });
    },
  };
}

function emit(event: object): Promise<void> | void {
  return writeOut(`${JSON.stringify(event)}\n`);
}
