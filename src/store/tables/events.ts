import type { Selectable } from "kysely";
import { SluiceError } from "../../model/index.ts";
import type { StoreContext } from "../context.ts";
import type { Store } from "../port.ts";
import { eventCodec } from "../json/kinds.ts";
import type { EventRow } from "../rows.ts";
import type { Database } from "../schema.ts";
import { withEffects, writeEffects } from "./effects.ts";
import { moveTips } from "./repositories.ts";

/** The new commit that git reports for a deleted ref. */
const noCommit = /^0+$/;

function toRow(row: Selectable<Database["event"]>): EventRow {
  const event = eventCodec.decode(row.body, `event ${row.id}`);
  return { id: row.id, repositoryId: row.repository_id, event, receivedAt: row.received_at };
}

export function events(context: StoreContext): Store["events"] {
  const { db, makeId } = context;
  return {
    accept: (row, dedupeKey, effects) =>
      db.transaction().execute(async (trx) => {
        const { event, repositoryId } = row;
        // Only a push says where its ref is now: a manual run may be about an old commit.
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
        if (added !== undefined) {
          await writeEffects(trx, makeId, effects?.(added.id) ?? {});
          return { id: added.id, fresh: true };
        }
        const known = await trx
          .selectFrom("event")
          .select("id")
          .where("repository_id", "=", repositoryId)
          .where("dedupe_key", "=", dedupeKey)
          .executeTakeFirst();
        if (known === undefined)
          throw new SluiceError("conflict", `The event ${dedupeKey} was removed while it was being stored.`);
        return { id: known.id, fresh: false };
      }),
    async byId(id) {
      const row = await db.selectFrom("event").selectAll().where("id", "=", id).executeTakeFirst();
      return row && toRow(row);
    },
    done: (id, effects = {}) =>
      withEffects(context, effects, async (trx) => {
        await trx.updateTable("event").set({ done: 1 }).where("id", "=", id).execute();
        return true;
      }),
  };
}
