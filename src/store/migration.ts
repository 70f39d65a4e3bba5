import { type Kysely, sql } from "kysely";
import { SluiceError } from "../model/index.ts";
import type { Flavour } from "./database/flavour.ts";
import { foundation } from "./migrations/0001-foundation.ts";
import { runStateParts, splitRunStates } from "./migrations/0002-run-state-parts.ts";
import { schedules } from "./migrations/0003-schedules.ts";
import { forges, movePaths } from "./migrations/0004-forges.ts";
import { convertToMessages, messages } from "./migrations/0005-messages.ts";
import { convertWaits, waits } from "./migrations/0006-waits.ts";
import type { Database } from "./schema.ts";

interface Migration {
  readonly name: string;
  readonly statements: readonly string[] | ((flavour: Flavour) => readonly string[]);
  /** Moves what is stored already, after the statements. */
  readonly convert?: (trx: Kysely<Database>) => Promise<void>;
}

/** Forward only; an entry never changes once it was released. */
const migrations: readonly Migration[] = [
  { name: "foundation", statements: foundation },
  { name: "run state in parts", statements: runStateParts, convert: splitRunStates },
  { name: "schedules", statements: schedules },
  { name: "forges", statements: forges, convert: movePaths },
  { name: "messages", statements: (flavour) => messages(flavour.identity), convert: convertToMessages },
  { name: "waits", statements: waits, convert: convertWaits },
];

/**
 * Brings the schema up to date, in one transaction: after a crash it is the old one or the new one, nothing between.
 * Two at once take turns, and the second finds nothing left to do.
 * Throws `schema-newer` when a later version of Sluice wrote the database.
 */
export async function migrate(db: Kysely<Database>, flavour: Flavour, now: () => number): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await flavour.lockMigrations(trx);
    await sql`create table if not exists sluice_schema (version integer primary key, name text not null, applied_at bigint not null)`.execute(
      trx,
    );
    const found = await trx
      .selectFrom("sluice_schema")
      .select((of) => of.fn.max("version").as("version"))
      .executeTakeFirst();
    const version = Number(found?.version ?? 0);
    if (version > migrations.length) {
      throw new SluiceError(
        "schema-newer",
        `The database has schema version ${version}, and this version of Sluice knows ${migrations.length} at most.`,
      );
    }
    for (const [index, migration] of migrations.entries()) {
      if (index < version) continue;
      const { statements } = migration;
      for (const statement of typeof statements === "function" ? statements(flavour) : statements)
        await sql.raw(statement).execute(trx);
      await migration.convert?.(trx);
      await trx
        .insertInto("sluice_schema")
        .values({ version: index + 1, name: migration.name, applied_at: now() })
        .execute();
    }
  });
}
