import type { JobPlan, Plan } from "../model/index.ts";

/** The plans of a run with the engine's lookups. A planned job is one job of a plan, with all its matrix cells. */
export interface PlanIndex {
  readonly plans: ReadonlyMap<string, Plan>;
  readonly plannedJobs: ReadonlyMap<string, PlannedJob>;
  /** Workflows that the workflow waits for, if they are part of the run. */
  readonly workflowNeeds: ReadonlyMap<string, readonly string[]>;
}

export interface PlannedJob {
  readonly id: string;
  readonly plan: Plan;
  readonly job: JobPlan;
  /** The planned jobs named in the job's needs. */
  readonly needs: readonly string[];
  /** A required need that the workflow does not contain. */
  readonly missing?: string;
  /** All planned jobs before this one, through needs of jobs and workflows, direct or indirect. */
  readonly ancestors: readonly string[];
}

/** The key of a planned job; equal to the job key of a job without a matrix. */
export function plannedKey(workflow: string, job: string): string {
  return `${workflow}/${job}`;
}

const indexed = new WeakMap<readonly Plan[], PlanIndex>();

/** Indexes the plans of a run, once per array. */
export function indexPlans(plans: readonly Plan[]): PlanIndex {
  const known = indexed.get(plans);
  if (known !== undefined) return known;
  const made = build(plans);
  indexed.set(plans, made);
  return made;
}

type Draft = Omit<PlannedJob, "ancestors">;

function build(plans: readonly Plan[]): PlanIndex {
  const byWorkflow = new Map(plans.map((plan) => [plan.workflow, plan]));
  const workflowNeeds = new Map(
    plans.map((plan) => [
      plan.workflow,
      plan.needs.map((need) => need.workflow).filter((name) => name !== plan.workflow && byWorkflow.has(name)),
    ]),
  );
  const drafts = new Map<string, Draft>();
  for (const plan of plans) {
    const ids = new Set(plan.jobs.map((job) => job.id));
    for (const job of plan.jobs) {
      const id = plannedKey(plan.workflow, job.id);
      const missing = job.needs.find((need) => need.required && !ids.has(need.job))?.job;
      const needs = job.needs.filter((need) => ids.has(need.job)).map((need) => plannedKey(plan.workflow, need.job));
      drafts.set(id, { id, plan, job, needs, ...(missing === undefined ? {} : { missing }) });
    }
  }
  const before = (draft: Draft): readonly string[] => [
    ...draft.needs,
    ...(workflowNeeds.get(draft.plan.workflow) ?? []).flatMap((name) =>
      (byWorkflow.get(name)?.jobs ?? []).map((job) => plannedKey(name, job.id)),
    ),
  ];
  const plannedJobs = new Map<string, PlannedJob>();
  for (const draft of drafts.values()) plannedJobs.set(draft.id, { ...draft, ancestors: reach(draft, drafts, before) });
  return { plans: byWorkflow, plannedJobs, workflowNeeds };
}

function reach(
  start: Draft,
  drafts: ReadonlyMap<string, Draft>,
  before: (draft: Draft) => readonly string[],
): readonly string[] {
  const seen = new Set<string>();
  const open = [...before(start)];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    const next = drafts.get(id);
    if (next !== undefined) open.push(...before(next));
  }
  return [...seen];
}
