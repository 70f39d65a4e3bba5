import type { Job, Step } from "../api/types.ts";
import { stepState } from "../state/state.ts";

/**
 * Selects the step whose log to show: the one named in the address; or the first that failed and counts; or the running
 * one; or, if the job is over, the author's last step with a log.
 */
export function chooseStep(job: Pick<Job, "steps">, named: number | undefined): Step | undefined {
  const { steps } = job;
  return (
    steps.find((step) => step.index === named) ??
    steps.find((step) => stepState(step) === "failure") ??
    steps.find((step) => step.status === "running") ??
    steps.findLast((step) => step.lines > 0 && !/^(?:post|complete)\b/i.test(step.name)) ??
    steps[0]
  );
}
