import { type Selectable, sql } from "kysely";
import type { StoreContext } from "../context.ts";
import type { Store } from "../port.ts";
import type { CacheRow } from "../rows.ts";
import type { Database } from "../schema.ts";

function toRow(row: Selectable<Database["cache"]>): CacheRow {
  return {
    repositoryId: row.repository_id,
    scope: row.scope,
    key: row.key,
    version: row.version,
    bytes: row.bytes,
    blob: row.blob,
    createdAt: row.created_at,
    usedAt: row.used_at,
  };
}

export function caches({ db }: StoreContext): Store["caches"] {
  return {
    async add(row) {
      const added = await db
        .insertInto("cache")
        .values({
          repository_id: row.repositoryId,
          scope: row.scope,
          key: row.key,
          version: row.version,
          bytes: row.bytes,
          blob: row.blob,
          created_at: row.createdAt,
          used_at: row.usedAt,
        })
        .onConflict((conflict) => conflict.columns(["repository_id", "scope", "version", "key"]).doNothing())
        .executeTakeFirst();
      return (added.numInsertedOrUpdatedRows ?? 0n) > 0n;
    },
    async find(repositoryId, scopes, key, restoreKeys, version) {
      for (const scope of scopes) {
        const within = db
          .selectFrom("cache")
          .selectAll()
          .where("repository_id", "=", repositoryId)
          .where("scope", "=", scope)
          .where("version", "=", version);
        const exact = await within.where("key", "=", key).executeTakeFirst();
        if (exact !== undefined) return toRow(exact);
        for (const prefix of restoreKeys) {
          // Not `like`: it ignores case on SQLite but not on PostgreSQL.
          const begins = sql<boolean>`substr(cache.key, 1, length(cast(${prefix} as text))) = ${prefix}`;
          const newest = await within
            .where(begins)
            .orderBy("created_at", "desc")
            .orderBy("key", "desc")
            .limit(1)
            .executeTakeFirst();
          if (newest !== undefined) return toRow(newest);
        }
      }
      return undefined;
    },
    async touch(row, now) {
      await of(db.updateTable("cache").set({ used_at: now }), row).execute();
    },
    async ofRepository(repositoryId) {
      return (
        await db
          .selectFrom("cache")
          .selectAll()
          .where("repository_id", "=", repositoryId)
          .orderBy("used_at")
          .orderBy("key")
          .execute()
      ).map(toRow);
    },
    async remove(row) {
      await of(db.deleteFrom("cache"), row).execute();
    },
  };
}

interface Narrowable<Q> {
  where(column: "repository_id" | "scope" | "version" | "key", operator: "=", value: string): Q;
}

/** Narrows a statement to the one row. */
function of<Q extends Narrowable<Q>>(query: Q, row: CacheRow): Q {
  return query
    .where("repository_id", "=", row.repositoryId)
    .where("scope", "=", row.scope)
    .where("version", "=", row.version)
    .where("key", "=", row.key);
}
