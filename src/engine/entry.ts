import type { PlannedJob } from "./plans.ts";
import type { JobState } from "./port.ts";
import { plainName } from "./settings.ts";

/** The placeholder entry of a job until its matrix cells are known. */
export function waitingEntry(planned: PlannedJob, attempt: number): JobState {
  const { job, plan } = planned;
  return {
    key: planned.id,
    workflow: plan.workflow,
    job: job.id,
    name: plainName(job),
    attempt,
    status: "waiting",
    stage: "needs",
    needs: planned.needs.map((id) => id.slice(plan.workflow.length + 1)),
    labels: [],
    outputs: {},
    allowed: false,
    cancelling: false,
    retriesLeft: job.retryLost ?? 0,
  };
}
