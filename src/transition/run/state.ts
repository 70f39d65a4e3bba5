import type { JobState, RunState } from "../../engine/index.ts";
import type { Event, Json, Plan } from "../../model/index.ts";
import type { WorkflowRow } from "../../store/index.ts";

/** What is stored as the state of a run. */
export interface StoredRun {
  readonly engine: RunState;
  /** Row of the newest attempt of each job, by its key. */
  readonly rows: Readonly<Record<string, string>>;
  /** Workflow files that could not be compiled: they show as failed workflows, and the run fails with them. */
  readonly broken: readonly WorkflowRow[];
}

/** A run with all that its next transition is computed from. */
export interface OpenRun {
  readonly id: string;
  readonly number: number;
  readonly repositoryId: string;
  readonly repository: string;
  readonly event: Event;
  readonly plans: readonly Plan[];
  readonly stored: StoredRun;
  readonly version: number;
}

/** What is stored of one job's state, by itself. */
export interface StoredJob {
  readonly job: JobState;
  readonly row: string;
}

/** What is stored of a run's state beside its jobs. */
export interface StoredHead {
  readonly engine: Omit<RunState, "jobs">;
  readonly broken: readonly WorkflowRow[];
}

/** Puts a state together from what the store has of it. Nobody but `changeRows` wrote it. */
export function storedRun(head: Json, parts: readonly Json[]): StoredRun {
  const { engine, broken } = head as unknown as StoredHead;
  const jobs = parts as unknown as readonly StoredJob[];
  return {
    engine: { ...engine, jobs: jobs.map((part) => part.job) },
    rows: Object.fromEntries(jobs.map((part) => [part.job.key, part.row])),
    broken,
  };
}
