import type { JobRun, StepResult } from "./state.ts";

/** Reports how a step ended. */
export function reportEnd(job: JobRun, index: number, result: StepResult): void {
  const { status, allowed, exitCode, reason } = result;
  job.report({
    type: "step.finished",
    step: index,
    status,
    allowed,
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(reason === undefined ? {} : { reason }),
    at: Date.now(),
  });
}
