import { isTerminal, messageOf } from "../model/index.ts";
import { ancestry, needsEnded } from "./ancestry.ts";
import { holds } from "./admit.ts";
import { endJob, stopJob } from "./end.ts";
import { outlivesCancel } from "./evaluation.ts";
import type { EngineInput, JobState } from "./port.ts";
import { closeWorkflow } from "./settle.ts";
import type { WorkingState } from "./working.ts";

/**
 * Cancels the run, a workflow or a job. As on GitHub, jobs whose `if` still holds (`always()`, `cancelled()`) continue
 * (https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-cancellation); a second cancel, or one
 * that names the job, stops them too.
 */
export function cancel(working: WorkingState, input: Extract<EngineInput, { type: "cancel" }>): void {
  if (input.key !== undefined) {
    const job = working.job(input.key);
    if (job !== undefined) stopJob(working, job, input.reason);
    return;
  }
  for (const workflow of working.workflows()) {
    if (workflow.stage === "ended" || (input.workflow !== undefined && workflow.workflow !== input.workflow)) continue;
    const again = workflow.cancelled;
    working.setWorkflow(workflow.workflow, { cancelled: true });
    if (input.workflow === undefined) working.cancelled = true;
    if (workflow.stage === "group") {
      closeWorkflow(working, workflow, "cancelled", input.reason);
      continue;
    }
    for (const job of working.jobsOf(workflow.workflow)) {
      if (isTerminal(job.status)) continue;
      if (again) stopJob(working, job, input.reason);
      else cancelJob(working, job, input.reason);
    }
  }
}

function cancelJob(working: WorkingState, job: JobState, reason: string): void {
  const planned = working.planned(job);
  if (planned?.job.if === undefined || !outlivesCancel(planned.job.if)) {
    stopJob(working, job, reason);
    return;
  }
  // Decided when the needed jobs have finished.
  if (job.stage === "needs" && (working.workflow(job.workflow)?.stage !== "open" || !needsEnded(working, planned)))
    return;
  try {
    if (!holds(working, planned, ancestry(working, planned))) stopJob(working, job, reason);
  } catch (error) {
    if (job.status !== "running") endJob(working, job, "failure", { reason: messageOf(error) });
  }
}
