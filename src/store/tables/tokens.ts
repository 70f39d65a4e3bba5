import type { Selectable } from "kysely";
import { SluiceError } from "../../model/index.ts";
import type { StoreContext } from "../context.ts";
import type { Store } from "../port.ts";
import type { TokenRow } from "../rows.ts";
import { present } from "../fields.ts";
import type { Database } from "../schema.ts";
import { withEffects } from "./effects.ts";

function toRow(row: Omit<Selectable<Database["token"]>, "hash">): TokenRow {
  return {
    id: row.id,
    name: row.name,
    role: row.role,
    createdAt: row.created_at,
    ...present({ runnerId: row.runner_id }),
  };
}

const columns = ["id", "name", "role", "runner_id", "created_at"] as const;

export function tokens(context: StoreContext): Store["tokens"] {
  const { db, makeId } = context;
  return {
    async add(row, hash, effects = {}) {
      const id = makeId();
      const { name, role, runnerId, createdAt } = row;
      const added = await withEffects(context, effects, async (trx) => {
        const inserted = await trx
          .insertInto("token")
          .values({ id, name, role, runner_id: runnerId ?? null, hash, created_at: createdAt })
          .onConflict((conflict) => conflict.column("hash").doNothing())
          .executeTakeFirst();
        return (inserted.numInsertedOrUpdatedRows ?? 0n) > 0n;
      });
      if (!added) throw new SluiceError("already-exists", "That token already exists.");
      return { ...row, id };
    },
    async byHash(hash) {
      const row = await db.selectFrom("token").select(columns).where("hash", "=", hash).executeTakeFirst();
      return row && toRow(row);
    },
    async list() {
      return (await db.selectFrom("token").select(columns).orderBy("id").execute()).map(toRow);
    },
    remove: (id, effects = {}) =>
      withEffects(context, effects, async (trx) => {
        const removed = await trx.deleteFrom("token").where("id", "=", id).executeTakeFirst();
        return removed.numDeletedRows > 0n;
      }),
  };
}
