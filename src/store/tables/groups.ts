import type { StoreContext } from "../context.ts";
import type { Store } from "../port.ts";
import { stored } from "../fields.ts";

export function groups({ db }: StoreContext): Store["groups"] {
  return {
    async state(repositoryId, group) {
      const row = await db
        .selectFrom("concurrency_group")
        .select(["state", "version"])
        .where("repository_id", "=", repositoryId)
        .where("name", "=", group)
        .executeTakeFirst();
      return row && { state: stored(row.state), version: row.version };
    },
    async save(repositoryId, group, state, expect) {
      if (state === null) {
        if (expect === 0) return true;
        const removed = await db
          .deleteFrom("concurrency_group")
          .where("repository_id", "=", repositoryId)
          .where("name", "=", group)
          .where("version", "=", expect)
          .executeTakeFirst();
        return removed.numDeletedRows > 0n;
      }
      const text = JSON.stringify(state);
      if (expect === 0) {
        const added = await db
          .insertInto("concurrency_group")
          .values({ repository_id: repositoryId, name: group, state: text, version: 1 })
          .onConflict((conflict) => conflict.columns(["repository_id", "name"]).doNothing())
          .executeTakeFirst();
        return (added.numInsertedOrUpdatedRows ?? 0n) > 0n;
      }
      const saved = await db
        .updateTable("concurrency_group")
        .set({ state: text, version: expect + 1 })
        .where("repository_id", "=", repositoryId)
        .where("name", "=", group)
        .where("version", "=", expect)
        .executeTakeFirst();
      return saved.numUpdatedRows > 0n;
    },
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
        state: stored(row.state),
        version: row.version,
      }));
    },
  };
}
