import { type Kysely, sql } from "kysely";
import type { Database } from "../schema.ts";

/** All that the two databases say differently. Every other query and migration is the same text on both. */
export interface Flavour {
  /** The type of a column that numbers rows by itself, ever upwards. */
  readonly identity: string;
  /** Lets one transaction migrate at a time; the others wait. */
  lockMigrations(trx: Kysely<Database>): Promise<void>;
}

/** SQLite has one writer: every transaction begins with the write lock (`begin immediate`). */
export const sqlite: Flavour = {
  identity: "integer primary key autoincrement",
  lockMigrations: async () => {},
};

/** Any number that nothing else in the database uses. */
const migrationLock = 7_205_201_184;

export const postgres: Flavour = {
  identity: "bigint generated always as identity primary key",
  lockMigrations: async (trx) => {
    await sql`set local lock_timeout = '30s'`.execute(trx);
    await sql`select pg_advisory_xact_lock(${sql.lit(migrationLock)})`.execute(trx);
  },
};
