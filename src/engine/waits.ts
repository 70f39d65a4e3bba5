import { isTerminal, type Wait } from "../model/index.ts";
import type { JobState, WorkflowState } from "./port.ts";
import type { WorkingState } from "./working.ts";

/** Notes exactly what each waiting entry waits for. An entry whose wait is as before stays the same object. */
export function noteWaits(working: WorkingState): void {
  for (const workflow of working.workflows()) {
    const wait = workflowWait(working, workflow);
    if (!isSame(wait, workflow.wait)) working.setWorkflow(workflow.workflow, { wait });
  }
  for (const job of working.jobs()) {
    const wait = isTerminal(job.status) || job.status === "running" ? undefined : jobWait(working, job);
    if (!isSame(wait, job.wait)) working.setJob(job.key, { wait });
  }
}

function workflowWait(working: WorkingState, workflow: WorkflowState): Wait | undefined {
  if (workflow.stage === "group") return { for: "group", group: workflow.holder?.group ?? "" };
  if (workflow.stage !== "needs") return undefined;
  const needed = working.index.workflowNeeds.get(workflow.workflow) ?? [];
  return { for: "workflows", workflows: needed.filter((name) => working.workflow(name)?.stage !== "ended") };
}

function jobWait(working: WorkingState, job: JobState): Wait {
  if (job.status === "queued") return { for: "runner", labels: [...job.labels] };
  if (job.stage === "slot") return { for: "slot", maxParallel: job.settings?.maxParallel ?? 1 };
  if (job.stage === "group") return { for: "group", group: job.holder?.group ?? "" };
  const workflow = working.workflow(job.workflow);
  const outer = workflow === undefined || workflow.stage === "open" ? undefined : workflowWait(working, workflow);
  if (outer !== undefined) return outer;
  const needs = working.planned(job)?.needs ?? [];
  return { for: "jobs", jobs: needs.flatMap((id) => openNeed(working.cells(id))) };
}

/** A needed job that has not ended. */
function openNeed(cells: readonly JobState[]): Extract<Wait, { for: "jobs" }>["jobs"] {
  const open = cells.filter((cell) => !isTerminal(cell.status));
  const [first] = open;
  return first === undefined ? [] : [{ job: first.job, name: first.name, open: open.length, cells: cells.length }];
}

/** Small values: comparing their JSON costs less than a comparison of each kind would be worth. */
function isSame(left: Wait | undefined, right: Wait | undefined): boolean {
  if (left === undefined || right === undefined) return left === right;
  return left.for === right.for && JSON.stringify(left) === JSON.stringify(right);
}
