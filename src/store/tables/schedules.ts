import type { Kysely } from "kysely";
import type { StoreContext } from "../context.ts";
import type { Store } from "../port.ts";
import type { ScheduleRow } from "../rows.ts";
import { present } from "../fields.ts";
import type { Database } from "../schema.ts";

function select(db: Kysely<Database>) {
  return db
    .selectFrom("schedule")
    .leftJoin("event", "event.id", "schedule.last_event")
    .leftJoin("run", "run.event_id", "schedule.last_event")
    .select([
      "schedule.repository_id",
      "cron",
      "time_zone",
      "since",
      "last_due",
      "event.done",
      "run.id as run",
      "run.number",
      "run.status",
    ])
    .orderBy("schedule.repository_id")
    .orderBy("cron")
    .orderBy("time_zone");
}

type Found = Awaited<ReturnType<ReturnType<typeof select>["execute"]>>[number];

function toRow(row: Found): ScheduleRow {
  const run =
    row.run === null || row.number === null || row.status === null
      ? undefined
      : { id: row.run, number: row.number, status: row.status };
  const last = row.done === null ? undefined : { done: row.done === 1, ...present({ run }) };
  return {
    repositoryId: row.repository_id,
    cron: row.cron,
    timeZone: row.time_zone,
    since: row.since,
    ...present({ lastDue: row.last_due, last }),
  };
}

export function schedules({ db }: StoreContext): Store["schedules"] {
  return {
    replace: (repositoryId, lines, now) =>
      db.transaction().execute(async (trx) => {
        const known = await trx
          .selectFrom("schedule")
          .select(["cron", "time_zone"])
          .where("repository_id", "=", repositoryId)
          .execute();
        const wanted = new Set(lines.map(({ cron, timeZone }) => `${timeZone} ${cron}`));
        for (const { cron, time_zone } of known) {
          if (!wanted.has(`${time_zone} ${cron}`))
            await trx
              .deleteFrom("schedule")
              .where("repository_id", "=", repositoryId)
              .where("cron", "=", cron)
              .where("time_zone", "=", time_zone)
              .execute();
        }
        for (const { cron, timeZone } of lines) {
          await trx
            .insertInto("schedule")
            .values({
              repository_id: repositoryId,
              cron,
              time_zone: timeZone,
              since: now,
              last_due: null,
              last_event: null,
            })
            .onConflict((conflict) => conflict.columns(["repository_id", "time_zone", "cron"]).doNothing())
            .execute();
        }
        return (await select(trx).where("schedule.repository_id", "=", repositoryId).execute()).map(toRow);
      }),
    async list(repositoryId) {
      const query =
        repositoryId === undefined ? select(db) : select(db).where("schedule.repository_id", "=", repositoryId);
      return (await query.execute()).map(toRow);
    },
    async note({ repositoryId, cron, timeZone }, { due, event }) {
      if (due === undefined && event === undefined) return;
      await db
        .updateTable("schedule")
        .set({ ...(due === undefined ? {} : { last_due: due }), ...(event === undefined ? {} : { last_event: event }) })
        .where("repository_id", "=", repositoryId)
        .where("cron", "=", cron)
        .where("time_zone", "=", timeZone)
        .execute();
    },
  };
}
