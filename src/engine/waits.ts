import { isTerminal } from "../model/index.ts";
import type { JobState, WorkflowState } from "./port.ts";
import type { WorkingState } from "./working.ts";

/** Describes exactly what each waiting entry waits for. */
export function describeWaits(working: WorkingState): void {
  for (const workflow of working.workflows()) {
    const waitsFor = workflowWait(working, workflow);
    if (waitsFor !== workflow.waitsFor) working.setWorkflow(workflow.workflow, { waitsFor });
  }
  for (const job of working.jobs()) {
    const waitsFor = isTerminal(job.status) || job.status === "running" ? undefined : jobWait(working, job);
    if (waitsFor !== job.waitsFor) working.setJob(job.key, { waitsFor });
  }
}

function workflowWait(working: WorkingState, workflow: WorkflowState): string | undefined {
  if (workflow.stage === "group") return `concurrency group ${workflow.holder?.group ?? ""}`;
  if (workflow.stage !== "needs") return undefined;
  const open = (working.index.workflowNeeds.get(workflow.workflow) ?? []).filter(
    (name) => working.workflow(name)?.stage !== "ended",
  );
  return listed(open.length > 1 ? "workflows" : "workflow", open);
}

function jobWait(working: WorkingState, job: JobState): string {
  if (job.status === "queued") return runnerWait(job.labels);
  if (job.stage === "slot") return `a free place in its matrix (max-parallel ${job.settings?.maxParallel ?? 1})`;
  if (job.stage === "group") return `concurrency group ${job.holder?.group ?? ""}`;
  const workflow = working.workflow(job.workflow);
  if (workflow !== undefined && workflow.stage !== "open") return workflowWait(working, workflow) ?? "its workflow";
  const open = (working.planned(job)?.needs ?? []).flatMap((id) => openNeed(working.cells(id)));
  return listed(open.length > 1 ? "jobs" : "job", open);
}

/** The name of an unfinished needed job; for a matrix, with its number of cells. */
function openNeed(cells: readonly JobState[]): readonly string[] {
  const open = cells.filter((cell) => !isTerminal(cell.status));
  const [first] = open;
  if (first === undefined) return [];
  return [cells.length === 1 ? first.name : `${first.job} (${open.length} of ${cells.length})`];
}

/** `a runner with labels x, y`, or `a runner` if any will do. */
export function runnerWait(labels: readonly string[]): string {
  if (labels.length === 0) return "a runner";
  return `a runner with ${labels.length > 1 ? "labels" : "label"} ${labels.join(", ")}`;
}

function listed(noun: string, names: readonly string[]): string {
  const shown = names.length > 4 ? [...names.slice(0, 3), `${names.length - 3} more`] : names;
  return `${noun} ${shown.join(", ")}`;
}
