import { isTerminal, type JobStatus, type RunStatus } from "../model/index.ts";
import type { JobState, WorkflowState } from "./port.ts";

/** How a finished job counts for others: a lost job as a failure, an allowed failure as a success. */
export function effectiveStatus(job: JobState): JobStatus {
  if (job.allowed) return "success";
  return job.status === "lost" ? "failure" : job.status;
}

/** Combines several results: failure beats cancelled beats success; skipped only if all are. */
export function aggregate(
  statuses: readonly (JobStatus | RunStatus)[],
): "success" | "failure" | "cancelled" | "skipped" {
  if (statuses.includes("failure") || statuses.includes("lost")) return "failure";
  if (statuses.includes("cancelled")) return "cancelled";
  return statuses.includes("success") ? "success" : "skipped";
}

/** The state of a workflow, derived from its stage and jobs. */
export function workflowStatus(workflow: Pick<WorkflowState, "stage">, jobs: readonly JobState[]): RunStatus {
  if (workflow.stage === "ended") return aggregate(jobs.map(effectiveStatus));
  if (jobs.some(hasRun)) return "running";
  return workflow.stage === "group" ? "blocked" : "pending";
}

/** The state of the run, derived from its workflows. */
export function runStatus(workflows: readonly WorkflowState[], jobs: Iterable<JobState>): RunStatus {
  if (workflows.every((each) => isTerminal(each.status))) return aggregate(workflows.map((each) => each.status));
  for (const job of jobs) if (hasRun(job)) return "running";
  return workflows.some((each) => each.status === "pending") ? "pending" : "blocked";
}

function hasRun(job: JobState): boolean {
  return job.status === "running" || (isTerminal(job.status) && job.status !== "skipped");
}
