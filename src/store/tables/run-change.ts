import { type Kysely, type Updateable, sql } from "kysely";
import type { StoreContext } from "../context.ts";
import type { RunChange } from "../rows.ts";
import { given } from "../fields.ts";
import type { Wait } from "../../model/index.ts";
import {
  annotationCodec,
  jobDetailCodec,
  labelsCodec,
  needsCodec,
  outputsCodec,
  plannedCodec,
  waitCodec,
  workflowsCodec,
} from "../json/kinds.ts";
import type { Database } from "../schema.ts";

type JobChange = RunChange["jobs"][number];
type StepChange = RunChange["steps"][number];

/**
 * Writes a change inside the caller's transaction; returns false and writes nothing if the run's version has changed.
 */
export async function writeChange(
  trx: Kysely<Database>,
  makeId: StoreContext["makeId"],
  change: RunChange,
): Promise<boolean> {
  const { runId, run } = change;
  const columns: Updateable<Database["run"]> = given({
    status: run.status,
    attempt: run.attempt,
    wait: encodeWait(run.wait),
    workflows: run.workflows && workflowsCodec.encode(run.workflows),
    started_at: run.startedAt,
    finished_at: run.finishedAt,
  });
  const updated = await trx
    .updateTable("run")
    .set({ ...columns, version: change.expect + 1 })
    .where("id", "=", runId)
    .where("version", "=", change.expect)
    .executeTakeFirst();
  if (updated.numUpdatedRows === 0n) return false;

  if (change.state !== undefined) {
    const { state } = change;
    await trx
      .insertInto("run_state")
      .values({ run_id: runId, state })
      .onConflict((conflict) => conflict.column("run_id").doUpdateSet({ state }))
      .execute();
  }
  for (const { key, place, value } of change.parts ?? []) {
    const part = { place, value };
    await trx
      .insertInto("run_state_part")
      .values({ run_id: runId, key, ...part })
      .onConflict((conflict) => conflict.columns(["run_id", "key"]).doUpdateSet(part))
      .execute();
  }
  for (const key of change.dropped ?? [])
    await trx.deleteFrom("run_state_part").where("run_id", "=", runId).where("key", "=", key).execute();
  for (const job of change.jobs) await writeJob(trx, job);
  for (const step of change.steps) await writeStep(trx, step);
  for (const { jobId, step, annotation } of change.annotations) {
    await trx
      .insertInto("annotation")
      .values({ id: makeId(), run_id: runId, job_id: jobId, step, body: annotationCodec.encode(annotation) })
      .execute();
  }
  for (const { jobId, step, markdown } of change.summaries) {
    await trx.insertInto("summary").values({ id: makeId(), run_id: runId, job_id: jobId, step, markdown }).execute();
  }
  return true;
}

/** Null clears the column, `undefined` keeps it. */
function encodeWait(wait: Wait | null | undefined): string | null | undefined {
  return wait === null || wait === undefined ? wait : waitCodec.encode(wait);
}

function flag(value: boolean | undefined): number | undefined {
  return value === undefined ? undefined : Number(value);
}

async function writeJob(trx: Kysely<Database>, job: JobChange): Promise<void> {
  const columns = given({
    key: job.key,
    job: job.job,
    workflow: job.workflow,
    name: job.name,
    attempt: job.attempt,
    status: job.status,
    wait: encodeWait(job.wait),
    reason: job.reason,
    needs: job.needs && needsCodec.encode(job.needs),
    labels: job.labels && labelsCodec.encode(job.labels),
    position: job.position,
    fence: job.fence,
    runner_id: job.runnerId,
    detail: job.detail && jobDetailCodec.encode(job.detail),
    outputs: job.outputs && outputsCodec.encode(job.outputs),
    reported: job.reported,
    cancel_requested: flag(job.cancelRequested),
    heartbeat_at: job.heartbeatAt,
    queued_at: job.queuedAt,
    begun_at: job.begunAt,
    allowed: flag(job.allowed),
    newest: flag(job.newest),
    planned: job.planned && plannedCodec.encode(job.planned),
    started_at: job.startedAt,
    finished_at: job.finishedAt,
  });
  await trx
    .insertInto("job")
    .values({ ...newJob, ...columns, id: job.id, run_id: job.runId })
    // Setting the id to itself keeps the statement whole when nothing else was given.
    .onConflict((conflict) => conflict.column("id").doUpdateSet({ ...columns, id: sql.ref("excluded.id") }))
    .execute();
}

/** A job's initial values. */
const newJob = {
  key: "",
  job: "",
  workflow: "",
  name: "",
  attempt: 1,
  status: "waiting",
  wait: null,
  reason: null,
  needs: needsCodec.encode([]),
  labels: labelsCodec.encode([]),
  position: 0,
  fence: 0,
  runner_id: null,
  detail: jobDetailCodec.encode({}),
  outputs: outputsCodec.encode({}),
  reported: 0,
  cancel_requested: 0,
  heartbeat_at: null,
  queued_at: null,
  begun_at: null,
  allowed: 0,
  newest: 1,
  planned: plannedCodec.encode([]),
  started_at: null,
  finished_at: null,
} as const;

async function writeStep(trx: Kysely<Database>, step: StepChange): Promise<void> {
  const columns = given({
    id: step.id,
    name: step.name,
    status: step.status,
    allowed: flag(step.allowed),
    exit_code: step.exitCode,
    reason: step.reason,
    started_at: step.startedAt,
    finished_at: step.finishedAt,
    log_lines: step.log?.lines,
    log_bytes: step.log?.bytes,
  });
  await trx
    .insertInto("step")
    .values({ ...newStep, id: `${step.index}`, name: "", ...columns, job_id: step.jobId, index: step.index })
    .onConflict((conflict) =>
      conflict.columns(["job_id", "index"]).doUpdateSet({ ...columns, job_id: sql.ref("excluded.job_id") }),
    )
    .execute();
}

const newStep = {
  status: "pending",
  allowed: 0,
  exit_code: null,
  reason: null,
  started_at: null,
  finished_at: null,
  log_lines: null,
  log_bytes: null,
} as const;
