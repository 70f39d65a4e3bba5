import { type Selectable, sql } from "kysely";
import type { StoreContext } from "../context.ts";
import type { Store } from "../port.ts";
import type { JobRow, StepRow } from "../rows.ts";
import { present, stored } from "../fields.ts";
import type { Database } from "../schema.ts";

function toRow(row: Selectable<Database["job"]>): JobRow {
  return {
    id: row.id,
    runId: row.run_id,
    key: row.key,
    job: row.job,
    workflow: row.workflow,
    name: row.name,
    attempt: row.attempt,
    status: row.status,
    needs: stored(row.needs),
    labels: stored(row.labels),
    position: row.position,
    fence: row.fence,
    detail: stored(row.detail),
    outputs: stored(row.outputs),
    reported: row.reported,
    cancelRequested: row.cancel_requested === 1,
    ...present({
      waitsFor: row.waits_for,
      reason: row.reason,
      runnerId: row.runner_id,
      heartbeatAt: row.heartbeat_at,
      queuedAt: row.queued_at,
      startedAt: row.started_at,
      finishedAt: row.finished_at,
    }),
  };
}

function toStep(row: Selectable<Database["step"]>): StepRow {
  return {
    jobId: row.job_id,
    index: row.index,
    id: row.id,
    name: row.name,
    status: row.status,
    allowed: row.allowed === 1,
    ...present({ exitCode: row.exit_code, reason: row.reason, startedAt: row.started_at, finishedAt: row.finished_at }),
  };
}

/** Ids in one query; PostgreSQL allows 65,535 parameters and SQLite 32,766. */
const idsAtOnce = 1_000;

// The two partial indexes are used only when the state stands in the query's text.
const queued = sql.lit<"queued">("queued");
const running = sql.lit<"running">("running");

export function jobs(context: StoreContext): Store["jobs"] {
  const { db } = context;
  return {
    async byId(id) {
      const row = await db.selectFrom("job").selectAll().where("id", "=", id).executeTakeFirst();
      return row && toRow(row);
    },
    async ofRun(runId) {
      return (
        await db.selectFrom("job").selectAll().where("run_id", "=", runId).orderBy("position").orderBy("id").execute()
      ).map(toRow);
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
      return (
        await db
          .selectFrom("job")
          .selectAll()
          .where("status", "=", queued)
          .orderBy("queued_at")
          .orderBy("position")
          .orderBy("id")
          .execute()
      ).map(toRow);
    },
    async running() {
      return (await db.selectFrom("job").selectAll().where("status", "=", running).orderBy("id").execute()).map(toRow);
    },
    take: (taker) => take(context, taker),
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
    async requestCancel(id) {
      await db.updateTable("job").set({ cancel_requested: 1 }).where("id", "=", id).execute();
    },
  };
}

async function take(
  { db, flavour }: StoreContext,
  taker: Parameters<Store["jobs"]["take"]>[0],
): Promise<readonly JobRow[]> {
  if (taker.limit < 1) return [];
  // Jobs that ask for the same labels are asked about once: thousands may queue, but for few sets of labels.
  // Looked up before the transaction, so that idle runners that ask again and again write nothing.
  const asked = await db.selectFrom("job").select("labels").distinct().where("status", "=", queued).execute();
  const has = new Set(taker.labels);
  const fitting = asked
    .map((row) => row.labels)
    .filter((labels) => stored<readonly string[]>(labels).every((label) => has.has(label)));
  if (fitting.length === 0) return [];

  return db.transaction().execute(async (trx) => {
    const oldest = trx
      .selectFrom("job")
      .select("id")
      .where("status", "=", queued)
      .where("labels", "in", fitting)
      .orderBy("queued_at")
      .orderBy("position")
      .orderBy("id")
      .limit(taker.limit);
    const claimed = await flavour.claim(oldest).execute();
    if (claimed.length === 0) return [];
    const ids = claimed.map((row) => row.id);
    const taken = await trx
      .updateTable("job")
      .set((of) => ({
        status: "running" as const,
        runner_id: taker.runnerId,
        fence: of("fence", "+", 1),
        heartbeat_at: taker.now,
        reported: 0,
      }))
      .where("id", "in", ids)
      .returningAll()
      .execute();
    return taken.map(toRow).toSorted((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id));
  });
}
