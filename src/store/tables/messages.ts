import { type Selectable, sql } from "kysely";
import type { StoreContext } from "../context.ts";
import type { Store } from "../port.ts";
import type { MessageRow } from "../rows.ts";
import type { Database } from "../schema.ts";
import { writeMessages } from "./effects.ts";

// The same text as in the partial index, which is only used then.
const holding = sql.lit(1);

export function messages({ db }: StoreContext): Store["messages"] {
  return {
    add: (added) => writeMessages(db, added),
    async deliverable(now, limit) {
      const rows = await db
        .selectFrom("outbox")
        .selectAll()
        .where("due_at", "<=", now)
        .where((of) =>
          of.or([
            of("key", "is", null),
            of.not(
              of.exists(
                of
                  .selectFrom("outbox as earlier")
                  .select("earlier.id")
                  .whereRef("earlier.key", "=", "outbox.key")
                  .whereRef("earlier.id", "<", "outbox.id")
                  .where("earlier.holds", "=", holding),
              ),
            ),
          ]),
        )
        .orderBy("id")
        .limit(limit)
        .execute();
      return rows.map(toRow);
    },
    async nextDue(now) {
      const row = await db
        .selectFrom("outbox")
        .select((of) => of.fn.min("due_at").as("due"))
        .where("due_at", ">", now)
        .executeTakeFirst();
      return row?.due ?? undefined;
    },
    async settle(ids) {
      if (ids.length > 0) await db.deleteFrom("outbox").where("id", "in", ids).execute();
    },
    async postpone(id, { dueAt, holds, error }) {
      await db
        .updateTable("outbox")
        .set((of) => ({
          due_at: dueAt,
          holds: holds ? 1 : 0,
          attempts: of("attempts", "+", 1),
          last_error: error,
        }))
        .where("id", "=", id)
        .execute();
    },
    async count() {
      const row = await db
        .selectFrom("outbox")
        .select((of) => of.fn.countAll<number>().as("count"))
        .executeTakeFirst();
      return Number(row?.count ?? 0);
    },
  };
}

function toRow(row: Selectable<Database["outbox"]>): MessageRow {
  return {
    id: row.id,
    topic: row.topic,
    ...(row.key === null ? {} : { key: row.key }),
    body: row.body,
    dueAt: row.due_at,
    attempts: row.attempts,
  };
}
