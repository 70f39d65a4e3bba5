import type { Plan } from "../model/index.ts";
import { cancel } from "./cancel.ts";
import { endJob, leaveGroup } from "./end.ts";
import { waitingEntry } from "./entry.ts";
import { sharingEffort } from "./evaluation.ts";
import { indexPlans } from "./plans.ts";
import type { EngineInput, JobState, RunState, Transition, WorkflowState } from "./port.ts";
import { rerun } from "./rerun.ts";
import { queueJob, settle } from "./settle.ts";
import { charactersOf, WorkingState } from "./working.ts";

/**
 * Maximum size of the outputs of all jobs of a run together, in characters: the state stores them, and views show them.
 * GitHub allows 50 MB.
 */
const maxOutputs = 50_000_000;

/** Starts a run of the plans: queues whatever can start. */
export function createRun(plans: readonly Plan[]): Transition {
  const workflows = plans.map(
    (plan): WorkflowState => ({ workflow: plan.workflow, status: "pending", stage: "needs", cancelled: false }),
  );
  const jobs = [...indexPlans(plans).plannedJobs.values()].map((planned) => waitingEntry(planned, 1));
  const working = new WorkingState(plans, {
    version: 1,
    attempt: 1,
    status: "pending",
    cancelled: false,
    sequence: 0,
    workflows,
    jobs,
  });
  sharingEffort(() => settle(working));
  return working.finish();
}

/**
 * Advances a run by one input. Pure and total: an input that does not fit the state, such as one about an old attempt,
 * returns the same state and no effects; an expression that fails ends its job with a reason. Unchanged entries of the
 * state stay the same objects, so a caller finds the changed ones by comparing references.
 */
export function advance(plans: readonly Plan[], state: RunState, input: EngineInput): Transition {
  const working = new WorkingState(plans, state);
  if (!apply(working, input)) return { state, effects: [] };
  sharingEffort(() => settle(working));
  return working.finish();
}

function apply(working: WorkingState, input: EngineInput): boolean {
  switch (input.type) {
    case "job.started": {
      const job = current(working, input);
      if (job?.status !== "queued") return false;
      working.setJob(job.key, { status: "running", wait: undefined });
      return true;
    }
    case "job.returned": {
      const job = current(working, input);
      if (job?.status !== "running") return false;
      if (job.cancelling) endJob(working, job, "cancelled", { reason: job.reason });
      else queueJob(working, job);
      return true;
    }
    case "job.finished": {
      const job = current(working, input);
      if (job === undefined) return false;
      const characters = working.outputCharacters + charactersOf(input.outputs);
      if (characters > maxOutputs) {
        endJob(working, job, "failure", {
          reason: `the outputs of all jobs of the run would have ${characters} characters; the limit is ${maxOutputs}`,
        });
        return true;
      }
      endJob(working, job, input.status, {
        outputs: input.outputs,
        reason: input.reason ?? (input.status === "cancelled" ? job.reason : undefined),
      });
      return true;
    }
    case "job.lost": {
      const job = current(working, input);
      if (job === undefined) return false;
      lose(working, job, input.reason);
      return true;
    }
    case "cancel":
      cancel(working, input);
      return true;
    case "rerun":
      return rerun(working, input);
    case "group.granted":
      return grant(working, input.holder);
  }
}

/** The job's entry, if the attempt is current and a runner has it: its start may be reported late or never. */
function current(
  working: WorkingState,
  input: { readonly key: string; readonly attempt: number },
): JobState | undefined {
  const job = working.job(input.key);
  return job?.attempt === input.attempt && (job.status === "running" || job.status === "queued") ? job : undefined;
}

function lose(working: WorkingState, job: JobState, reason: string): void {
  if (job.cancelling) endJob(working, job, "cancelled", { reason: job.reason ?? reason });
  else if (job.retriesLeft === 0) endJob(working, job, "lost", { reason });
  else {
    leaveGroup(working, job);
    working.setJob(job.key, {
      attempt: job.attempt + 1,
      retriesLeft: job.retriesLeft - 1,
      status: "waiting",
      stage: "needs",
      holder: undefined,
      reason: undefined,
    });
  }
}

function grant(working: WorkingState, holder: string): boolean {
  const workflow = working.workflows().find((each) => each.holder?.id === holder);
  if (workflow !== undefined) {
    if (workflow.stage === "group") working.setWorkflow(workflow.workflow, { stage: "open" });
    return workflow.stage === "group";
  }
  for (const job of working.jobs()) {
    if (job.holder?.id !== holder || job.stage !== "group") continue;
    queueJob(working, job);
    return true;
  }
  return false;
}
