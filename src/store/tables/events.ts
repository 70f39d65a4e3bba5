import { SluiceError } from "../../model/index.ts";
import type { StoreContext } from "../context.ts";
import type { Store } from "../port.ts";
import { eventCodec } from "../json/kinds.ts";
import { moveTips } from "./repositories.ts";

/** What git reports as the new commit of a ref that was deleted. */
const noCommit = /^0+$/;

export function events({ db, makeId }: StoreContext): Store["events"] {
  return {
    accept: (row, dedupeKey) =>
      db.transaction().execute(async (trx) => {
        const { event, repositoryId } = row;
        // Only a push says where its ref is now: a run started by hand may be about an old commit.
        if (event.kind === "push")
          await moveTips(trx, repositoryId, new Map([[event.ref, noCommit.test(event.sha) ? null : event.sha]]));
        const added = await trx
          .insertInto("event")
          .values({
            id: makeId(),
            repository_id: repositoryId,
            dedupe_key: dedupeKey,
            body: eventCodec.encode(event),
            received_at: row.receivedAt,
            done: 0,
          })
          .onConflict((conflict) => conflict.columns(["repository_id", "dedupe_key"]).doNothing())
          .returning("id")
          .executeTakeFirst();
        if (added !== undefined) return { id: added.id, fresh: true };
        const known = await trx
          .selectFrom("event")
          .select("id")
          .where("repository_id", "=", repositoryId)
          .where("dedupe_key", "=", dedupeKey)
          .executeTakeFirst();
        if (known === undefined)
          throw new SluiceError("conflict", `The event ${dedupeKey} was removed while it came in.`);
        return { id: known.id, fresh: false };
      }),
    async pending() {
      const rows = await db.selectFrom("event").selectAll().where("done", "=", 0).orderBy("id").execute();
      return rows.map((row) => ({
        id: row.id,
        repositoryId: row.repository_id,
        event: eventCodec.decode(row.body, `event ${row.id}`),
        receivedAt: row.received_at,
      }));
    },
    async done(id) {
      await db.updateTable("event").set({ done: 1 }).where("id", "=", id).execute();
    },
  };
}
