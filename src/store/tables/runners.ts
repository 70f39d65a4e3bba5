import type { Selectable } from "kysely";
import type { StoreContext } from "../context.ts";
import type { Store } from "../port.ts";
import type { RunnerRow } from "../rows.ts";
import { labelsCodec } from "../json/kinds.ts";
import { readable } from "../json/rows.ts";
import type { Database } from "../schema.ts";

/** A runner sends its labels whenever it starts: if they are unreadable it has none until then. */
function toRow(row: Selectable<Database["runner"]>, report: StoreContext["report"]): RunnerRow {
  const [labels = []] = readable([row], () => labelsCodec.decode(row.labels, `runner ${row.id}`), report);
  return {
    id: row.id,
    name: row.name,
    labels,
    capacity: row.capacity,
    lastSeenAt: row.last_seen_at,
  };
}

export function runners({ db, report }: StoreContext): Store["runners"] {
  return {
    async save({ id, name, labels, capacity, lastSeenAt }) {
      const columns = { name, labels: labelsCodec.encode(labels), capacity, last_seen_at: lastSeenAt };
      await db
        .insertInto("runner")
        .values({ id, ...columns })
        .onConflict((conflict) => conflict.column("id").doUpdateSet(columns))
        .execute();
    },
    async byId(id) {
      const row = await db.selectFrom("runner").selectAll().where("id", "=", id).executeTakeFirst();
      return row && toRow(row, report);
    },
    async list() {
      const rows = await db.selectFrom("runner").selectAll().orderBy("name").orderBy("id").execute();
      return rows.map((row) => toRow(row, report));
    },
    async seen(id, now) {
      await db.updateTable("runner").set({ last_seen_at: now }).where("id", "=", id).execute();
    },
    async remove(id) {
      await db.transaction().execute(async (trx) => {
        await trx.deleteFrom("token").where("runner_id", "=", id).execute();
        await trx.deleteFrom("runner").where("id", "=", id).execute();
      });
    },
  };
}
