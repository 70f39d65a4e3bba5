import type { Selectable } from "kysely";
import { SluiceError } from "../../model/index.ts";
import type { StoreContext } from "../context.ts";
import type { Store } from "../port.ts";
import type { TokenRow } from "../rows.ts";
import { present } from "../fields.ts";
import type { Database } from "../schema.ts";

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

export function tokens({ db, makeId }: StoreContext): Store["tokens"] {
  return {
    async add(row, hash) {
      const added = await db
        .insertInto("token")
        .values({
          id: makeId(),
          name: row.name,
          role: row.role,
          runner_id: row.runnerId ?? null,
          hash,
          created_at: row.createdAt,
        })
        .onConflict((conflict) => conflict.column("hash").doNothing())
        .returning(columns)
        .executeTakeFirst();
      if (added === undefined) throw new SluiceError("already-exists", "That token already exists.");
      return toRow(added);
    },
    async byHash(hash) {
      const row = await db.selectFrom("token").select(columns).where("hash", "=", hash).executeTakeFirst();
      return row && toRow(row);
    },
    async list() {
      return (await db.selectFrom("token").select(columns).orderBy("id").execute()).map(toRow);
    },
    async remove(id) {
      await db.deleteFrom("token").where("id", "=", id).execute();
    },
  };
}
