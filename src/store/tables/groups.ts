import type { Kysely } from "kysely";
import type { StoreContext } from "../context.ts";
import type { Store } from "../port.ts";
import type { Database } from "../schema.ts";
import { withEffects } from "./effects.ts";

export function groups(context: StoreContext): Store["groups"] {
  const { db } = context;
  return {
    async state(repositoryId, group) {
      const row = await db
        .selectFrom("concurrency_group")
        .select(["state", "version"])
        .where("repository_id", "=", repositoryId)
        .where("name", "=", group)
        .executeTakeFirst();
      return row && { state: row.state, version: row.version };
    },
    save: (repositoryId, group, state, expect, effects = {}) =>
      withEffects(context, effects, (trx) => save(trx, repositoryId, group, state, expect)),
    async list() {
      const rows = await db
        .selectFrom("concurrency_group")
        .selectAll()
        .orderBy("repository_id")
        .orderBy("name")
        .execute();
      return rows.map((row) => ({
        repositoryId: row.repository_id,
        group: row.name,
        state: row.state,
        version: row.version,
      }));
    },
  };
}

async function save(
  trx: Kysely<Database>,
  repositoryId: string,
  group: string,
  state: string | null,
  expect: number,
): Promise<boolean> {
  if (state === null) {
    if (expect === 0) return true;
    const removed = await trx
      .deleteFrom("concurrency_group")
      .where("repository_id", "=", repositoryId)
      .where("name", "=", group)
      .where("version", "=", expect)
      .executeTakeFirst();
    return removed.numDeletedRows > 0n;
  }
  if (expect === 0) {
    const added = await trx
      .insertInto("concurrency_group")
      .values({ repository_id: repositoryId, name: group, state, version: 1 })
      .onConflict((conflict) => conflict.columns(["repository_id", "name"]).doNothing())
      .executeTakeFirst();
    return (added.numInsertedOrUpdatedRows ?? 0n) > 0n;
  }
  const saved = await trx
    .updateTable("concurrency_group")
    .set({ state, version: expect + 1 })
    .where("repository_id", "=", repositoryId)
    .where("name", "=", group)
    .where("version", "=", expect)
    .executeTakeFirst();
  return saved.numUpdatedRows > 0n;
}
