import { isTerminal, type Json } from "../model/index.ts";
import { aggregate, effectiveStatus } from "./outcome.ts";
import type { PlannedJob } from "./plans.ts";
import type { JobState } from "./port.ts";
import type { WorkingState } from "./working.ts";

/**
 * What `success()`, `failure()` and `cancelled()` in a job's `if` depend on. A skipped ancestor makes none of them
 * true.
 */
export type Ancestry = "success" | "failure" | "cancelled" | "skipped";

/** Whether all jobs that the planned job needs have finished. */
export function needsEnded(working: WorkingState, planned: PlannedJob): boolean {
  return planned.needs.every((need) => working.cells(need).every((job) => isTerminal(job.status)));
}

/**
 * The combined state of everything before the job, direct or indirect. A cancelled run or workflow outweighs the rest.
 */
export function ancestry(working: WorkingState, planned: PlannedJob): Ancestry {
  if (working.cancelled || working.workflow(planned.plan.workflow)?.cancelled === true) return "cancelled";
  const statuses = new Set(planned.ancestors.flatMap((id) => working.cells(id)).map(effectiveStatus));
  if (statuses.has("failure")) return "failure";
  if (statuses.has("cancelled")) return "cancelled";
  return statuses.has("skipped") ? "skipped" : "success";
}

/** The ancestors that did not succeed: the reason why a job is skipped. */
export function unsuccessful(working: WorkingState, planned: PlannedJob): readonly JobState[] {
  return planned.ancestors
    .flatMap((id) => working.cells(id))
    .filter((job) => isTerminal(job.status) && effectiveStatus(job) !== "success");
}

/**
 * The `needs` context. A failed job with `continue-on-error` shows as `success`, as on GitHub
 * (https://github.com/actions/runner/issues/1161). Outputs of matrix cells are merged in the order in which the cells
 * finished; the last non-empty value wins (https://github.com/github/docs/pull/33842).
 */
export function needsContext(working: WorkingState, planned: PlannedJob): Json {
  const entries = planned.needs.map((id) => {
    const cells = working.cells(id).toSorted((left, right) => (left.ended ?? 0) - (right.ended ?? 0));
    const outputs: Record<string, string> = {};
    for (const [name, value] of cells.flatMap((cell) => Object.entries(cell.outputs))) {
      if (value !== "" || outputs[name] === undefined) outputs[name] = value;
    }
    const result = cells.every((cell) => isTerminal(cell.status)) ? aggregate(cells.map(effectiveStatus)) : "";
    return [working.index.plannedJobs.get(id)?.job.id ?? id, { result, outputs }] as const;
  });
  return Object.fromEntries(entries);
}
