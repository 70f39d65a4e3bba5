import { type Kysely, sql } from "kysely";
import * as z from "zod";
import { planSchema, plannedSteps } from "../../model/index.ts";
import { readValue } from "../json/codec.ts";
import type { Database } from "../schema.ts";

/*
 * Messages get an order, a key and a due time; a job records when it began, whether it is the newest attempt, its
 * planned steps and whether its failure is allowed; a step records the size of its log.
 */

/** `identity` is how the database numbers rows by itself. */
export function messages(identity: string): readonly string[] {
  return [
    `alter table outbox rename to outbox_before`,
    `create table outbox (
      id ${identity}, topic text not null, key text, body text not null, due_at bigint not null default 0,
      attempts integer not null default 0, holds integer not null default 1, last_error text)`,
    `create index outbox_due on outbox (due_at, id)`,
    `create index outbox_key on outbox (key, id) where holds = 1`,
    `create table lease (name text primary key, holder text not null, expires_at bigint not null)`,

    `alter table job add column begun_at bigint`,
    `alter table job add column allowed integer not null default 0`,
    `alter table job add column newest integer not null default 0`,
    `alter table job add column planned text not null default '[]'`,
    `alter table step add column log_lines bigint`,
    `alter table step add column log_bytes bigint`,
    `create index audit_newest on audit (at, id)`,
  ];
}

/**
 * Fills the new columns from existing rows, and leaves messages for everything that an earlier version did from memory
 * after a start: events without a run, places in concurrency groups, and logs whose size no row has.
 */
export async function convertToMessages(trx: Kysely<Database>): Promise<void> {
  await deliverBefore(trx as unknown as Kysely<Before>);
  const runs = await trx.selectFrom("run").select(["id", "status"]).orderBy("id").execute();
  const open = new Set(["pending", "blocked", "running"]);
  for (const run of runs) {
    await convertRun(trx, run.id);
    await trx
      .insertInto("outbox")
      .values(message("logs.measure", `log-sizes:${run.id}`, { run: run.id }))
      .execute();
    if (open.has(run.status))
      await trx
        .insertInto("outbox")
        .values(message("run.resume", `run:${run.id}`, { run: run.id }))
        .execute();
  }
  // A job on a runner had begun as far as anyone could know.
  await sql`update job set begun_at = coalesce(started_at, heartbeat_at, queued_at, 0) where fence > 0`.execute(trx);
  const events = await trx
    .selectFrom("event")
    .select(["id", "repository_id"])
    .where("done", "=", 0)
    .orderBy("id")
    .execute();
  for (const event of events)
    await trx
      .insertInto("outbox")
      .values(
        message("event.received", `events:${event.repository_id}`, {
          event: event.id,
          repository: event.repository_id,
        }),
      )
      .execute();
}

/** The outbox before this migration. */
interface Before extends Database {
  outbox_before: { id: string; topic: string; body: string };
}

/** The only use of messages so far: the end of a run went into the audit log. */
async function deliverBefore(trx: Kysely<Before>): Promise<void> {
  const rows = await trx.selectFrom("outbox_before").selectAll().where("topic", "=", "run.finished").execute();
  for (const { id, body } of rows) {
    const outcome = readValue(outcomeSchema, body);
    if (outcome === undefined) continue;
    const { run, repository, number, status } = outcome;
    const found = await trx.selectFrom("run").select("finished_at").where("id", "=", run).executeTakeFirst();
    await trx
      .insertInto("audit")
      .values({
        id,
        at: found?.finished_at ?? 0,
        actor: "sluice",
        action: "run.finish",
        subject: `${repository}#${number}`,
        detail: JSON.stringify({ run, status }),
      })
      .execute();
  }
  await trx.schema.dropTable("outbox_before").execute();
}

const outcomeSchema = z.object({ run: z.string(), repository: z.string(), number: z.number(), status: z.string() });

function message(topic: string, key: string, body: object) {
  return { topic, key, body: JSON.stringify(body), due_at: 0, attempts: 0, holds: 1, last_error: null };
}

const storedJob = z.object({ row: z.string(), job: z.object({ allowed: z.boolean().optional() }) });

async function convertRun(trx: Kysely<Database>, runId: string): Promise<void> {
  const parts = await trx.selectFrom("run_state_part").select("value").where("run_id", "=", runId).execute();
  for (const part of parts) {
    const stored = readValue(storedJob, part.value);
    if (stored === undefined) continue;
    const { row, job } = stored;
    await trx
      .updateTable("job")
      .set({ newest: 1, allowed: job.allowed === true ? 1 : 0 })
      .where("id", "=", row)
      .execute();
  }
  const found = await trx.selectFrom("run_plan").select("plans").where("run_id", "=", runId).executeTakeFirst();
  if (found === undefined) return;
  for (const plan of readValue(z.array(planSchema), found.plans) ?? []) {
    for (const job of plan.jobs) {
      await trx
        .updateTable("job")
        .set({ planned: JSON.stringify(plannedSteps(job.steps)) })
        .where("run_id", "=", runId)
        .where("workflow", "=", plan.workflow)
        .where("job", "=", job.id)
        .execute();
    }
  }
}
