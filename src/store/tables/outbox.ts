import type { StoreContext } from "../context.ts";
import type { Store } from "../port.ts";
import { stored } from "../fields.ts";

export function outbox({ db }: StoreContext): Store["outbox"] {
  return {
    async pending(limit) {
      const rows = await db
        .selectFrom("outbox")
        .select(["id", "topic", "body", "attempts"])
        .orderBy("id")
        .limit(limit)
        .execute();
      return rows.map((row) => ({ id: row.id, topic: row.topic, body: stored(row.body), attempts: row.attempts }));
    },
    async delivered(id) {
      await db.deleteFrom("outbox").where("id", "=", id).execute();
    },
    async failed(id, error) {
      await db
        .updateTable("outbox")
        .set((of) => ({ attempts: of("attempts", "+", 1), last_error: error }))
        .where("id", "=", id)
        .execute();
    },
  };
}
