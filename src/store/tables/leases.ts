import type { StoreContext } from "../context.ts";
import type { Store } from "../port.ts";

export function leases({ db }: StoreContext): Store["leases"] {
  return {
    async take({ name, holder, now, expiresAt, takeOver = false }) {
      const taken = await db
        .insertInto("lease")
        .values({ name, holder, expires_at: expiresAt })
        .onConflict((conflict) =>
          conflict
            .column("name")
            .doUpdateSet({ holder, expires_at: expiresAt })
            .where((of) =>
              takeOver ? of.lit(true) : of.or([of("lease.holder", "=", holder), of("lease.expires_at", "<=", now)]),
            ),
        )
        .executeTakeFirst();
      return (taken.numInsertedOrUpdatedRows ?? 0n) > 0n;
    },
    async release(name, holder) {
      await db.deleteFrom("lease").where("name", "=", name).where("holder", "=", holder).execute();
    },
  };
}
