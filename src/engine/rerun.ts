import { isTerminal } from "../model/index.ts";
import { leaveGroup } from "./end.ts";
import { waitingEntry } from "./entry.ts";
import type { PlannedJob } from "./plans.ts";
import type { EngineInput, JobState } from "./port.ts";
import type { WorkingState } from "./working.ts";

/**
 * Re-runs jobs: `all` once the run has finished; `failed` at any time: jobs that failed, were cancelled or lost, and
 * everything that depends on them, while running and queued jobs continue. Returns whether anything was restarted.
 */
export function rerun(working: WorkingState, input: Extract<EngineInput, { type: "rerun" }>): boolean {
  const jobs = [...working.jobs()];
  if (input.mode === "all" && jobs.some((job) => !isTerminal(job.status))) return false;
  const seeds = new Set(
    jobs.filter((job) => input.mode === "all" || unfinished(job)).map((job) => working.planned(job)?.id),
  );
  if (seeds.size === 0) return false;
  working.attempt += 1;
  working.cancelled = false;
  for (const planned of working.index.plannedJobs.values()) {
    const after = planned.ancestors.some((id) => seeds.has(id));
    if (after) restart(working, planned, (job) => isTerminal(job.status) || job.status === "waiting");
    else if (seeds.has(planned.id)) restart(working, planned, (job) => input.mode === "all" || unfinished(job));
  }
  for (const workflow of working.workflows()) {
    const open = working.jobsOf(workflow.workflow).some((job) => !isTerminal(job.status));
    if (!open) continue;
    working.setWorkflow(workflow.workflow, {
      cancelled: false,
      ...(workflow.stage === "ended" ? { stage: "needs" as const } : {}),
    });
  }
  return true;
}

/** It did not succeed: a failure that counts, a cancel, a loss. */
function unfinished(job: JobState): boolean {
  return !job.allowed && (job.status === "failure" || job.status === "cancelled" || job.status === "lost");
}

function restart(working: WorkingState, planned: PlannedJob, chosen: (job: JobState) => boolean): void {
  const cells = working.cells(planned.id);
  const again = cells.filter(chosen);
  if (again.length === 0) return;
  for (const job of again) leaveGroup(working, job);
  if (again.length === cells.length) {
    // The whole job: the matrix is evaluated again, because its inputs may have changed.
    const attempt = Math.max(...again.map((job) => (isTerminal(job.status) ? job.attempt + 1 : job.attempt)));
    working.replaceCells(planned.id, [waitingEntry(planned, attempt)]);
    return;
  }
  for (const job of again) {
    const fresh = waitingEntry(planned, isTerminal(job.status) ? job.attempt + 1 : job.attempt);
    working.setJob(job.key, {
      ...fresh,
      key: job.key,
      name: job.name,
      ended: undefined,
      reason: undefined,
      wait: undefined,
      holder: undefined,
    });
  }
}
