import type { Job, Step } from "../api/types.ts";
import { stepState } from "../state/state.ts";

/**
 * Which step's log to show: the one that the address names; else the first that failed and counts; else the one that runs;
 * else, when all is over, the last that wrote most likely what is sought: the last one of the author's with a log.
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
