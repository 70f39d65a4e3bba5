import { isTerminal, type JobStatus } from "../model/index.ts";
import { plannedKey } from "./plans.ts";
import type { JobState } from "./port.ts";
import type { WorkingState } from "./working.ts";

type End = Extract<JobStatus, "success" | "failure" | "cancelled" | "skipped" | "lost">;

/** Finishes a job: leaves its group and, if the strategy is fail-fast, stops the other cells of its matrix. */
export function endJob(
  working: WorkingState,
  job: JobState,
  status: End,
  more: { readonly reason?: string | undefined; readonly outputs?: Readonly<Record<string, string>> } = {},
): void {
  leaveGroup(working, job);
  const failed = status === "failure" || status === "lost";
  const allowed = failed && job.settings?.continueOnError === true;
  working.setJob(job.key, {
    status,
    allowed,
    ended: working.nextInOrder(),
    outputs: more.outputs ?? {},
    reason: more.reason,
    stage: undefined,
    holder: undefined,
    wait: undefined,
    cancelling: false,
  });
  if (!failed || allowed || job.settings?.failFast !== true || job.settings.total === 1) return;
  for (const sibling of working.cells(plannedKey(job.workflow, job.job)))
    stopJob(working, sibling, `stopped because ${job.name} failed (fail-fast)`);
}

/** Finishes a job that has not started; asks a running one to stop. */
export function stopJob(working: WorkingState, job: JobState, reason: string): void {
  if (isTerminal(job.status)) return;
  if (job.status !== "running") endJob(working, job, "cancelled", { reason });
  else if (!job.cancelling) {
    working.effects.push({ type: "job.cancel", key: job.key, attempt: job.attempt });
    working.setJob(job.key, { cancelling: true, reason });
  }
}

/** Releases the job's place in its concurrency group, held or waiting. */
export function leaveGroup(working: WorkingState, job: JobState): void {
  if (job.holder === undefined) return;
  working.effects.push({ type: "group.leave", holder: job.holder.id, group: job.holder.group });
}
