import { isTerminal, type Plan, type RunStatus } from "../model/index.ts";
import { runStatus, workflowStatus } from "./outcome.ts";
import { type PlannedJob, plannedKey, indexPlans, type PlanIndex } from "./plans.ts";
import type { Effect, JobState, RunState, Transition, WorkflowState } from "./port.ts";

/** Copies an entry with changes; a change to undefined removes the field, so that states stay plain JSON. */
function merge<T extends object>(base: T, changes: { readonly [K in keyof T]?: T[K] | undefined }): T {
  const kept = Object.entries({ ...base, ...changes }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(kept) as T;
}

/** Total length of a job's outputs, names and values, in characters. */
export function charactersOf(outputs: JobState["outputs"]): number {
  let characters = 0;
  for (const [name, value] of Object.entries(outputs)) characters += name.length + value.length;
  return characters;
}

/**
 * A run's state while one input is applied to it. Entries are never modified, only replaced, so untouched ones are the
 * same objects in the result.
 */
export class WorkingState {
  readonly index: PlanIndex;
  readonly effects: Effect[] = [];
  attempt: number;
  cancelled: boolean;
  readonly #before: RunStatus;
  #sequence: number;
  readonly #workflows: Map<string, WorkflowState>;
  #jobs: Map<string, JobState>;
  readonly #cells = new Map<string, string[]>();

  constructor(plans: readonly Plan[], state: RunState) {
    this.index = indexPlans(plans);
    this.attempt = state.attempt;
    this.cancelled = state.cancelled;
    this.#before = state.status;
    this.#sequence = state.sequence;
    this.#workflows = new Map(state.workflows.map((each) => [each.workflow, each]));
    this.#jobs = new Map(state.jobs.map((each) => [each.key, each]));
    this.#indexCells();
  }

  #indexCells(): void {
    this.#cells.clear();
    for (const job of this.#jobs.values()) {
      const id = plannedKey(job.workflow, job.job);
      const keys = this.#cells.get(id);
      if (keys === undefined) this.#cells.set(id, [job.key]);
      else keys.push(job.key);
    }
  }

  workflows(): readonly WorkflowState[] {
    return [...this.#workflows.values()];
  }

  workflow(name: string): WorkflowState | undefined {
    return this.#workflows.get(name);
  }

  setWorkflow(name: string, changes: { readonly [K in keyof WorkflowState]?: WorkflowState[K] | undefined }): void {
    const workflow = this.#workflows.get(name);
    if (workflow !== undefined) this.#workflows.set(name, merge(workflow, changes));
  }

  /** The number of jobs; a cell counts as one. */
  get size(): number {
    return this.#jobs.size;
  }

  /** The number of planned steps of all jobs. */
  get steps(): number {
    let steps = 0;
    for (const [planned, keys] of this.#cells)
      steps += keys.length * (this.index.plannedJobs.get(planned)?.job.steps.length ?? 0);
    return steps;
  }

  /** The total length of the outputs of all jobs. */
  get outputCharacters(): number {
    let characters = 0;
    for (const job of this.#jobs.values()) characters += charactersOf(job.outputs);
    return characters;
  }

  jobs(): IterableIterator<JobState> {
    return this.#jobs.values();
  }

  job(key: string): JobState | undefined {
    return this.#jobs.get(key);
  }

  jobsOf(workflow: string): readonly JobState[] {
    return (this.index.plans.get(workflow)?.jobs ?? []).flatMap((job) => this.cells(plannedKey(workflow, job.id)));
  }

  /** The entries of a planned job: its cells, or its placeholder. */
  cells(planned: string): readonly JobState[] {
    return (this.#cells.get(planned) ?? []).map((key) => this.#jobs.get(key)).filter((job) => job !== undefined);
  }

  planned(job: JobState): PlannedJob | undefined {
    return this.index.plannedJobs.get(plannedKey(job.workflow, job.job));
  }

  setJob(key: string, changes: { readonly [K in keyof JobState]?: JobState[K] | undefined }): void {
    const job = this.#jobs.get(key);
    if (job !== undefined) this.#jobs.set(key, merge(job, changes));
  }

  /** Replaces the current entries of a planned job. */
  replaceCells(planned: string, entries: readonly JobState[]): void {
    const old = new Set(this.#cells.get(planned));
    const next = new Map<string, JobState>();
    let placed = false;
    for (const [key, job] of this.#jobs) {
      if (!old.has(key)) {
        next.set(key, job);
        continue;
      }
      if (placed) continue;
      placed = true;
      for (const entry of entries) next.set(entry.key, entry);
    }
    this.#jobs = next;
    this.#cells.set(
      planned,
      entries.map((entry) => entry.key),
    );
  }

  nextInOrder(): number {
    this.#sequence += 1;
    return this.#sequence;
  }

  /** Derives the states of workflows and run, and returns the result. */
  finish(): Transition {
    for (const workflow of this.workflows()) {
      const status = workflowStatus(workflow, this.jobsOf(workflow.workflow));
      if (status !== workflow.status) this.setWorkflow(workflow.workflow, { status });
    }
    const workflows = this.workflows();
    const jobs = [...this.#jobs.values()];
    const status = runStatus(workflows, jobs);
    if (isTerminal(status) && !isTerminal(this.#before)) this.effects.push({ type: "run.finished", status });
    const state: RunState = {
      version: 1,
      attempt: this.attempt,
      status,
      cancelled: this.cancelled,
      sequence: this.#sequence,
      workflows,
      jobs,
    };
    return { state, effects: this.effects };
  }
}
