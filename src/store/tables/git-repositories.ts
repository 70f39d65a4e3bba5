import type { StoreContext } from "../context.ts";
import type { Store } from "../port.ts";

export function gitRepositories({ db }: StoreContext): Store["gitRepositories"] {
  return {
    async add({ remoteId, path, managed }) {
      await db
        .insertInto("git_repository")
        .values({ remote_id: remoteId, path, managed: managed ? 1 : 0 })
        .onConflict((conflict) => conflict.column("remote_id").doNothing())
        .execute();
    },
    async byId(remoteId) {
      const row = await db
        .selectFrom("git_repository")
        .selectAll()
        .where("remote_id", "=", remoteId)
        .executeTakeFirst();
      return row && { remoteId: row.remote_id, path: row.path, managed: row.managed === 1 };
    },
    async remove(remoteId) {
      await db.deleteFrom("git_repository").where("remote_id", "=", remoteId).execute();
    },
  };
}
