import * as z from "zod";
import { type JobState, jobStateSchema, runHeadSchema, type RunState } from "../../engine/index.ts";
import { type Event, exactly, type Plan } from "../../model/index.ts";
import { codec, type WorkflowRow, workflowSchema } from "../../store/index.ts";

/** The stored state of a run. */
export interface StoredRun {
  readonly engine: RunState;
  /** Row of the newest attempt of each job, by its key. */
  readonly rows: Readonly<Record<string, string>>;
  /** Workflow files that could not be compiled: they show as failed workflows and fail the run. */
  readonly broken: readonly WorkflowRow[];
}

/** A run with everything its next transition is computed from. */
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

/** The separately stored state of one job. */
interface StoredJob {
  readonly job: JobState;
  readonly row: string;
}

/** The stored state of a run, without its jobs. */
interface StoredHead {
  readonly engine: Omit<RunState, "jobs">;
  readonly broken: readonly WorkflowRow[];
}

const before = z.looseObject({});

/** Version 1 described a wait as a sentence. The engine provides it as data with the run's next change. */
function withoutWaitsFor(value: unknown): unknown {
  const { waitsFor: _sentence, ...rest } = before.parse(value);
  return rest;
}

export const jobCodec = codec<StoredJob>({
  name: "job states",
  schema: exactly<StoredJob>()(z.object({ job: jobStateSchema, row: z.string() })),
  upgrades: [
    (value) => {
      const stored = before.parse(value);
      return { ...stored, job: withoutWaitsFor(stored["job"]) };
    },
  ],
});

export const headCodec = codec<StoredHead>({
  name: "run states",
  schema: exactly<StoredHead>()(z.object({ engine: runHeadSchema, broken: z.array(workflowSchema) })),
  upgrades: [
    (value) => {
      const stored = before.parse(value);
      const engine = before.parse(stored["engine"]);
      const workflows = z.array(z.unknown()).parse(engine["workflows"]);
      return { ...stored, engine: { ...engine, workflows: workflows.map(withoutWaitsFor) } };
    },
  ],
});

/** Reads a run's state. Throws `stored-invalid` or `stored-newer`. */
export function readRun(runId: string, head: string, parts: readonly string[]): StoredRun {
  const { engine, broken } = headCodec.decode(head, `run_state ${runId}`);
  const jobs = parts.map((part) => jobCodec.decode(part, `run_state_part of run ${runId}`));
  return {
    engine: { ...engine, jobs: jobs.map(({ job }) => job) },
    rows: Object.fromEntries(jobs.map(({ job, row }) => [job.key, row])),
    broken,
  };
}
