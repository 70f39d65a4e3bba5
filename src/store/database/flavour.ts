import { type Kysely, type SelectQueryBuilder, sql } from "kysely";
import type { Database } from "../schema.ts";

/** All that the two databases say differently. Every other query and migration is the same text on both. */
export interface Flavour {
  /** Makes a query of a transaction claim the jobs it finds, so that no other transaction finds them too. */
  claim<O>(query: SelectQueryBuilder<Database, "job", O>): SelectQueryBuilder<Database, "job", O>;
  /** Lets one transaction migrate at a time; the others wait. */
  lockMigrations(trx: Kysely<Database>): Promise<void>;
}

/** SQLite has one writer: every transaction begins with the write lock (`begin immediate`), so nothing is left to claim. */
export const sqlite: Flavour = {
  claim: (query) => query,
  lockMigrations: async () => {},
};

/** Any number that nothing else in the database uses. */
const migrationLock = 7_205_201_184;

export const postgres: Flavour = {
  claim: (query) => query.forUpdate().skipLocked(),
  lockMigrations: async (trx) => {
    await sql`set local lock_timeout = '30s'`.execute(trx);
    await sql`select pg_advisory_xact_lock(${sql.lit(migrationLock)})`.execute(trx);
  },
};
