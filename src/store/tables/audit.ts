import type { StoreContext } from "../context.ts";
import { auditCodec } from "../json/kinds.ts";
import { readable } from "../json/rows.ts";
import type { Store } from "../port.ts";

export function audit({ db, report }: StoreContext): Store["audit"] {
  return {
    async list({ before, limit }) {
      let query = db.selectFrom("audit").selectAll().orderBy("id", "desc").limit(limit);
      if (before !== undefined) query = query.where("id", "<", before);
      const rows = await query.execute();
      return rows.map((row) => ({
        id: row.id,
        at: row.at,
        actor: row.actor,
        action: row.action,
        subject: row.subject,
        // Who did what stays readable even if the detail is not.
        detail: readable([row], ({ id, detail }) => auditCodec.decode(detail, `audit ${id}`), report)[0] ?? null,
      }));
    },
  };
}
