import type { StoreContext } from "../context.ts";
import type { Store } from "../port.ts";
import { stored } from "../fields.ts";

export function audit({ db, makeId }: StoreContext): Store["audit"] {
  return {
    async add({ at, actor, action, subject, detail }) {
      await db
        .insertInto("audit")
        .values({ id: makeId(), at, actor, action, subject, detail: JSON.stringify(detail) })
        .execute();
    },
    async list(limit) {
      const rows = await db.selectFrom("audit").selectAll().orderBy("id", "desc").limit(limit).execute();
      return rows.map((row) => ({
        at: row.at,
        actor: row.actor,
        action: row.action,
        subject: row.subject,
        detail: stored(row.detail),
      }));
    },
  };
}
