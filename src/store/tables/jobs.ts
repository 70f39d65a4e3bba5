import { type Selectable, sql } from "kysely";
import type { StoreContext } from "../context.ts";
import type { Store } from "../port.ts";
import type { JobHead, JobRow, StepRow } from "../rows.ts";
import { present } from "../fields.ts";
import { jobDetailCodec, labelsCodec, needsCodec, outputsCodec, plannedCodec, waitCodec } from "../json/kinds.ts";
import { readable } from "../json/rows.ts";
import type { Database } from "../schema.ts";

/** All but `detail`, which is thousands of bytes and which only a runner needs. */
const head = [
  "id",
  "run_id",
  "key",
  "job",
  "workflow",
  "name",
  "attempt",
  "status",
  "wait",
  "reason",
  "needs",
  "labels",
  "position",
  "fence",
  "runner_id",
  "outputs",
  "reported",
  "cancel_requested",
  "heartbeat_at",
  "queued_at",
  "begun_at",
  "allowed",
  "newest",
  "planned",
  "started_at",
  "finished_at",
] as const;

function toRow(row: Selectable<Database["job"]>): JobRow {
  return { ...toHead(row), detail: jobDetailCodec.decode(row.detail, `job ${row.id}`) };
}

function toHead(row: Pick<Selectable<Database["job"]>, (typeof head)[number]>): JobHead {
  const place = `job ${row.id}`;
  return {
    id: row.id,
    runId: row.run_id,
    key: row.key,
    job: row.job,
    workflow: row.workflow,
    name: row.name,
    attempt: row.attempt,
    status: row.status,
    needs: needsCodec.decode(row.needs, place),
    labels: labelsCodec.decode(row.labels, place),
    position: row.position,
    fence: row.fence,
    outputs: outputsCodec.decode(row.outputs, place),
    reported: row.reported,
    cancelRequested: row.cancel_requested === 1,
    allowed: row.allowed === 1,
    newest: row.newest === 1,
    ...(row.wait === null ? {} : { wait: waitCodec.decode(row.wait, place) }),
    planned: plannedCodec.decode(row.planned, place),
    ...present({
      reason: row.reason,
      runnerId: row.runner_id,
      heartbeatAt: row.heartbeat_at,
      queuedAt: row.queued_at,
      begunAt: row.begun_at,
      startedAt: row.started_at,
      finishedAt: row.finished_at,
    }),
  };
}

/** A run may have thousands of these: no objects are made that are thrown away. */
function toStep(row: Selectable<Database["step"]>): StepRow {
  const { index, id, name, status } = row;
  const step: Mutable<StepRow> = { jobId: row.job_id, index, id, name, status, allowed: row.allowed === 1 };
  if (row.exit_code !== null) step.exitCode = row.exit_code;
  if (row.reason !== null) step.reason = row.reason;
  if (row.started_at !== null) step.startedAt = row.started_at;
  if (row.finished_at !== null) step.finishedAt = row.finished_at;
  if (row.log_bytes !== null) step.log = { lines: row.log_lines ?? 0, bytes: row.log_bytes };
  return step;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Ids in one query; PostgreSQL allows 65,535 parameters and SQLite 32,766. */
const idsAtOnce = 1_000;

// The two partial indexes are used only if the state is literal in the query's text.
const queued = sql.lit<"queued">("queued");
const running = sql.lit<"running">("running");

export function jobs(context: StoreContext): Store["jobs"] {
  const { db, report } = context;
  return {
    async byId(id) {
      const row = await db.selectFrom("job").selectAll().where("id", "=", id).executeTakeFirst();
      return row && toRow(row);
    },
    async ofRun(runId) {
      return (
        await db.selectFrom("job").select(head).where("run_id", "=", runId).orderBy("position").orderBy("id").execute()
      ).map(toHead);
    },
    async stepsOf(jobIds) {
      const rows: StepRow[] = [];
      for (let from = 0; from < jobIds.length; from += idsAtOnce) {
        const some = jobIds.slice(from, from + idsAtOnce);
        const found = await db
          .selectFrom("step")
          .selectAll()
          .where("job_id", "in", some)
          .orderBy("job_id")
          .orderBy("index")
          .execute();
        rows.push(...found.map(toStep));
      }
      return rows;
    },
    async queued() {
      const rows = await db
        .selectFrom("job")
        .select(head)
        .where("status", "=", queued)
        .orderBy("queued_at")
        .orderBy("position")
        .orderBy("id")
        .execute();
      return readable(rows, toHead, report);
    },
    async running() {
      const rows = await db.selectFrom("job").selectAll().where("status", "=", running).orderBy("id").execute();
      return readable(rows, toRow, report);
    },
    fitting: (labels, limit, except = []) => fitting(context, labels, limit, except),
    async unbegun(runnerId) {
      const rows = await db
        .selectFrom("job")
        .selectAll()
        .where("status", "=", running)
        .where("runner_id", "=", runnerId)
        .where("begun_at", "is", null)
        .orderBy("id")
        .execute();
      return readable(rows, toRow, report);
    },
    async heartbeat(id, fence, now) {
      const beat = await db
        .updateTable("job")
        .set({ heartbeat_at: now })
        .where("id", "=", id)
        .where("fence", "=", fence)
        .where("status", "=", running)
        .executeTakeFirst();
      return beat.numUpdatedRows > 0n;
    },
    logSizes: (sizes) =>
      db.transaction().execute(async (trx) => {
        for (const { jobId, step, lines, bytes } of sizes)
          await trx
            .updateTable("step")
            .set({ log_lines: lines, log_bytes: bytes })
            .where("job_id", "=", jobId)
            .where("index", "=", step)
            .execute();
      }),
  };
}

/** Skips a run with an unreadable job, so that it cannot block the queue. */
async function fitting(
  context: StoreContext,
  labels: readonly string[],
  limit: number,
  except: readonly string[],
): Promise<readonly JobRow[]> {
  if (limit < 1) return [];
  const { db, report } = context;
  // Jobs with the same labels are queried once: thousands may queue, but with few sets of labels.
  const asked = await db.selectFrom("job").select("labels").distinct().where("status", "=", queued).execute();
  const has = new Set(labels);
  const fits = (text: string): boolean => labelsCodec.decode(text, "job").every((label) => has.has(label));
  const sets = readable(asked, (row) => (fits(row.labels) ? [row.labels] : []), report).flat();
  if (sets.length === 0) return [];
  let query = db.selectFrom("job").selectAll().where("status", "=", queued).where("labels", "in", sets);
  if (except.length > 0) query = query.where("run_id", "not in", except);
  const rows = await query.orderBy("queued_at").orderBy("position").orderBy("id").limit(limit).execute();
  const found = readable(rows, toRow, report);
  if (found.length === rows.length) return found;
  const read = new Set(found.map(({ id }) => id));
  const damaged = rows.filter(({ id }) => !read.has(id)).map((row) => row.run_id);
  return fitting(context, labels, limit, [...except, ...damaged]);
}
