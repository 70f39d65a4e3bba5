import { messageOf } from "../model/index.ts";
import { type Ancestry, ancestry, needsContext, unsuccessful } from "./ancestry.ts";
import { endJob } from "./end.ts";
import { condition, type Contexts, usesStatusFunction } from "./evaluation.ts";
import type { PlannedJob } from "./plans.ts";
import type { JobState } from "./port.ts";
import { cellContexts, resolveJob, type Slot, slotOf, slotsOf, suffixed } from "./settings.ts";
import type { WorkingState } from "./working.ts";

/** Maximum number of jobs in a run: each is a row, and part of the state that every transition reads. */
const maxJobs = 4000;
/** Maximum number of steps of all jobs of a run together, after matrix expansion: views list each of them. */
const maxSteps = 100_000;

/** What a job's expressions can read before it has cells: the plan's contexts, and `needs`. */
export function contextsOf(working: WorkingState, planned: PlannedJob): Contexts {
  return { ...planned.plan.contexts, needs: needsContext(working, planned) };
}

/** Decides about a job whose needed jobs have finished: skips it, or creates its cells, which wait for a slot. */
export function admit(working: WorkingState, job: JobState, planned: PlannedJob): void {
  if (planned.missing !== undefined) {
    endJob(working, job, "skipped", {
      reason: `the job needs ${planned.missing}, which is not part of the workflow`,
    });
    return;
  }
  const before = ancestry(working, planned);
  try {
    if (!holds(working, planned, before)) {
      endJob(working, job, before === "cancelled" ? "cancelled" : "skipped", {
        reason: whyNot(working, planned, before),
      });
      return;
    }
    const contexts = contextsOf(working, planned);
    if (job.settings === undefined) openCells(working, job, planned, slotsOf(planned.job, contexts), contexts);
    else openCell(working, job, planned, slotOf(job, job.settings), contexts);
  } catch (error) {
    endJob(working, job, "failure", { reason: messageOf(error) });
  }
}

/**
 * Evaluates the job's `if`. Without a status function, it also requires that everything before succeeded. Throws an
 * Error for the author.
 */
export function holds(working: WorkingState, planned: PlannedJob, before: Ancestry): boolean {
  const expression = planned.job.if;
  if (expression === undefined) return before === "success";
  if (before !== "success" && !usesStatusFunction(expression)) return false;
  return condition(expression, contextsOf(working, planned), before);
}

function whyNot(working: WorkingState, planned: PlannedJob, before: Ancestry): string {
  if (before === "cancelled" && working.cancelled) return "the run was cancelled";
  const culprits = unsuccessful(working, planned);
  if (before === "success" || culprits.length === 0) return "its condition (`if`) is false";
  const names = culprits.slice(0, 3).map((job) => `${job.name} (${job.status})`);
  return `needed jobs did not succeed: ${names.join(", ")}${culprits.length > 3 ? " and others" : ""}`;
}

function openCells(
  working: WorkingState,
  job: JobState,
  planned: PlannedJob,
  slots: readonly Slot[],
  contexts: Contexts,
): void {
  if (slots.length === 1 && slots[0]?.values === undefined) {
    if (slots[0] !== undefined) openCell(working, job, planned, slots[0], contexts);
    return;
  }
  const jobs = working.size + slots.length - 1;
  if (jobs > maxJobs) throw new Error(`the run would have ${jobs} jobs; the limit is ${maxJobs}`);
  const steps = working.steps + (slots.length - 1) * planned.job.steps.length;
  if (steps > maxSteps) throw new Error(`the run would have ${steps} steps; the limit is ${maxSteps}`);
  const taken = new Set<string>();
  const cells = slots.map((slot): readonly [Slot, JobState] => {
    const base = suffixed(planned.id, slot.label);
    let key = base;
    for (let copy = 2; taken.has(key) || (key !== job.key && working.job(key) !== undefined); copy += 1)
      key = `${base} #${copy}`;
    taken.add(key);
    return [slot, { ...job, key, ...(slot.values === undefined ? {} : { matrix: slot.values }) }];
  });
  working.replaceCells(
    planned.id,
    cells.map(([, cell]) => cell),
  );
  for (const [slot, cell] of cells) {
    try {
      openCell(working, cell, planned, slot, contexts);
    } catch (error) {
      endJob(working, cell, "failure", { reason: messageOf(error) });
    }
  }
}

function openCell(working: WorkingState, job: JobState, planned: PlannedJob, slot: Slot, contexts: Contexts): void {
  const resolved = resolveJob(planned.plan, planned.job, slot, cellContexts(slot, contexts));
  // A cell that starts again keeps its name: the values in brackets are known only after the matrix is expanded.
  working.setJob(job.key, { ...resolved, name: job.settings === undefined ? resolved.name : job.name, stage: "slot" });
}
