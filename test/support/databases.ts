import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";

/** A database for one test; `drop` removes it. */
export interface TestDatabase {
  readonly url: string;
  readonly drop: () => Promise<void>;
}

const postgresUrl = process.env["SLUICE_TEST_POSTGRES"];

/** SQLite, and PostgreSQL where SLUICE_TEST_POSTGRES names a server. */
export const databases: readonly { readonly name: string; readonly make: () => Promise<TestDatabase> }[] = [
  { name: "SQLite", make: sqliteFile },
  ...(postgresUrl === undefined ? [] : [{ name: "PostgreSQL", make: () => postgresDatabase(postgresUrl) }]),
];

async function sqliteFile(): Promise<TestDatabase> {
  const folder = await mkdtemp(join(tmpdir(), "sluice-database-"));
  return { url: `sqlite:${join(folder, "sluice.db")}`, drop: () => rm(folder, { recursive: true }) };
}

async function postgresDatabase(server: string): Promise<TestDatabase> {
  const name = `sluice_test_${crypto.randomUUID().replaceAll("-", "")}`;
  const administer = async (statement: string): Promise<void> => {
    const client = new Client(server);
    await client.connect();
    await client.query(statement);
    await client.end();
  };
  await administer(`create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => administer(`drop database ${name} with (force)`) };
}
