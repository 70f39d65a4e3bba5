import { isTerminal, messageOf } from "../model/index.ts";
import { needsEnded } from "./ancestry.ts";
import { admit, contextsOf } from "./admit.ts";
import { endJob } from "./end.ts";
import { jobHolder, workflowHolder } from "./holder.ts";
import { plannedKey } from "./plans.ts";
import type { JobState, WorkflowState } from "./port.ts";
import { cellContexts, groupOf, slotOf } from "./settings.ts";
import { noteWaits } from "./waits.ts";
import type { WorkingState } from "./working.ts";

/*
 * Applies everything that follows from the state, until nothing changes:
 *
 *   workflow  needs ──▶ group ──▶ open ──▶ ended        (needed workflows, its concurrency group, all its jobs)
 *   job       needs ──▶ slot ──▶ group ──▶ queued       (needed jobs and `if`, max-parallel, its concurrency group)
 *
 * A job requests its group only once it has a place within max-parallel: the other way round, it would block the group
 * for others while it waits for its own siblings.
 */
export function settle(working: WorkingState): void {
  while (moveWorkflows(working) || admitJobs(working) || fillSlots(working) || breakCircles(working));
  noteWaits(working);
}

function moveWorkflows(working: WorkingState): boolean {
  let moved = false;
  for (const workflow of working.workflows()) {
    if (workflow.stage === "ended") continue;
    if (endWorkflow(working, workflow) || (workflow.stage === "needs" && enterWorkflow(working, workflow)))
      moved = true;
  }
  return moved;
}

function enterWorkflow(working: WorkingState, workflow: WorkflowState): boolean {
  const name = workflow.workflow;
  const plan = working.index.plans.get(name);
  if (plan === undefined) return false;
  const missing = plan.needs.find((need) => need.required && !working.index.plans.has(need.workflow));
  if (missing !== undefined) {
    closeWorkflow(working, workflow, "skipped", `the workflow needs ${missing.workflow}, which is not part of the run`);
    return true;
  }
  const needs = working.index.workflowNeeds.get(name) ?? [];
  if (!needs.every((need) => working.workflow(need)?.stage === "ended")) return false;
  try {
    const group = plan.concurrency === undefined ? undefined : groupOf(plan.concurrency, plan.contexts);
    if (group === undefined) {
      working.setWorkflow(name, { stage: "open" });
      return true;
    }
    const holder = { id: workflowHolder(name, working.attempt), group: group.name };
    working.setWorkflow(name, { stage: "group", holder });
    working.effects.push({
      type: "group.enter",
      holder: holder.id,
      group: group.name,
      cancelInProgress: group.cancelInProgress,
      limit: group.limit,
    });
  } catch (error) {
    closeWorkflow(working, workflow, "failure", messageOf(error));
  }
  return true;
}

/** Finishes every job of a workflow that never opens. */
export function closeWorkflow(
  working: WorkingState,
  workflow: WorkflowState,
  status: "skipped" | "failure" | "cancelled",
  reason: string,
): void {
  for (const job of working.jobsOf(workflow.workflow))
    if (!isTerminal(job.status)) endJob(working, job, status, { reason });
}

/** A workflow with nothing left to run finishes, even before it opened: it must not stay in a queue. */
function endWorkflow(working: WorkingState, workflow: WorkflowState): boolean {
  if (!working.jobsOf(workflow.workflow).every((job) => isTerminal(job.status))) return false;
  if (workflow.holder !== undefined)
    working.effects.push({ type: "group.leave", holder: workflow.holder.id, group: workflow.holder.group });
  working.setWorkflow(workflow.workflow, { stage: "ended", holder: undefined });
  return true;
}

function admitJobs(working: WorkingState): boolean {
  let moved = false;
  for (const job of working.jobs()) {
    if (job.stage !== "needs" || working.workflow(job.workflow)?.stage !== "open") continue;
    // An earlier job of this pass may have finished it (fail-fast).
    if (working.job(job.key) !== job) continue;
    const planned = working.planned(job);
    if (planned === undefined || !needsEnded(working, planned)) continue;
    admit(working, job, planned);
    moved = true;
  }
  return moved;
}

function fillSlots(working: WorkingState): boolean {
  let moved = false;
  for (const waiting of working.jobs()) {
    const job = working.job(waiting.key);
    if (job?.stage !== "slot" || job.settings === undefined) continue;
    const taken =
      job.settings.total === 1 ? 0 : working.cells(plannedKey(job.workflow, job.job)).filter(takesSlot).length;
    if (taken >= job.settings.maxParallel) continue;
    const group = job.settings.group;
    if (group === undefined) queueJob(working, job);
    else {
      const holder = { id: jobHolder(job.key, job.attempt), group: group.name };
      working.setJob(job.key, { stage: "group", holder });
      working.effects.push({
        type: "group.enter",
        holder: holder.id,
        group: group.name,
        cancelInProgress: group.cancelInProgress,
        limit: group.limit,
      });
    }
    moved = true;
  }
  return moved;
}

function takesSlot(job: JobState): boolean {
  return job.status === "queued" || job.status === "running" || job.stage === "group";
}

/** Queues the job for the runners. */
export function queueJob(working: WorkingState, job: JobState): void {
  const planned = working.planned(job);
  if (planned === undefined || job.settings === undefined) return;
  const { needs, matrix, strategy } = cellContexts(slotOf(job, job.settings), contextsOf(working, planned));
  working.setJob(job.key, { status: "queued", stage: undefined });
  working.effects.push({
    type: "job.queued",
    key: job.key,
    attempt: job.attempt,
    labels: job.labels,
    timeoutMinutes: job.settings.timeoutMinutes,
    contexts: { needs: needs ?? {}, matrix: matrix ?? null, strategy: strategy ?? null },
  });
}

/** The compiler rejects cyclic needs; if one gets through, the run still finishes. */
function breakCircles(working: WorkingState): boolean {
  const open = [...working.jobs()].filter((job) => !isTerminal(job.status));
  if (
    open.length === 0 ||
    open.some((job) => job.stage !== "needs" || working.workflow(job.workflow)?.stage === "group")
  )
    return false;
  for (const job of open)
    endJob(working, job, "failure", { reason: "the needs of its jobs or workflows form a cycle" });
  return true;
}
