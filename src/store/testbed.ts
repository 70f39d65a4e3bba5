import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { afterEach, describe } from "vitest";
import { type Event, type Plan, SluiceError } from "../model/index.ts";
import { openStore } from "./open.ts";
import type { Store } from "./port.ts";
import type { JobChange, RepositoryRow, RunChange, RunRow } from "./rows.ts";

/*
 * The store's tests run on both databases: SQLite, and PostgreSQL where SLUICE_TEST_POSTGRES names a server.
 */

/** A database for one test; `drop` removes it. */
export interface TestDatabase {
  readonly url: string;
  readonly drop: () => Promise<void>;
}

const postgresUrl = process.env["SLUICE_TEST_POSTGRES"];
if (postgresUrl === undefined) {
  if (process.env["CI"] !== undefined)
    throw new Error("CI must set SLUICE_TEST_POSTGRES: the store is promised on both databases.");
  console.warn("skipped: tests on PostgreSQL, because SLUICE_TEST_POSTGRES is not set");
}

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
  const administer = (statement: string): Promise<void> => onPostgres(server, statement);
  await administer(`create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => administer(`drop database ${name} with (force)`) };
}

/** Runs a statement in a session of its own. */
export async function onPostgres(url: string, statement: string): Promise<void> {
  const client = new Client(url);
  await client.connect();
  await client.query(statement).finally(() => client.end());
}

/** Breaks the connections of the channels to the database. */
export function breakChannels(url: string): Promise<void> {
  return onPostgres(
    url,
    `select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'sluice-channel' and datname = current_database()`,
  );
}

/** Notifies every channel of the database, as any of its users may. */
export function notifyChannels(url: string, text: string): Promise<void> {
  return onPostgres(
    url,
    `select pg_notify('sluice_' || to_hex(hashtext(coalesce(current_schema(), ''))), ${new Client().escapeLiteral(text)})`,
  );
}

export const sha = "0123456789abcdef0123456789abcdef01234567";

export function push(overrides: Partial<Event> = {}): Event {
  return {
    kind: "push",
    repository: { name: "shop", defaultBranch: "main", cloneUrl: "/srv/shop.git" },
    ref: "refs/heads/main",
    sha,
    commit: { message: "Sell more", author: { login: "ada", name: "Ada Lovelace" }, timestamp: "2026-01-01T00:00:00Z" },
    sender: { login: "grace" },
    payload: { nested: { "key\u0000": [1, null, "ü"] } },
    ...overrides,
  };
}

export const plan: Plan = {
  version: 1,
  dialect: "actions",
  workflow: ".github/workflows/ci.yml",
  name: "CI",
  source: { path: ".github/workflows/ci.yml", sha },
  needs: [],
  env: {},
  systemEnv: {},
  contexts: {},
  jobs: [],
};

export function change(runId: string, expect: number, more: Partial<RunChange> = {}): RunChange {
  return {
    runId,
    expect,
    state: `state ${expect + 1}`,
    run: {},
    jobs: [],
    steps: [],
    annotations: [],
    summaries: [],
    ...more,
  };
}

export function job(runId: string, id: string, more: Partial<JobChange> = {}): JobChange {
  return {
    id,
    runId,
    key: id,
    job: id,
    workflow: plan.workflow,
    name: id,
    status: "queued",
    labels: ["host"],
    position: 0,
    queuedAt: 1,
    ...more,
  };
}

export function addRepository(store: Store, name = "shop"): Promise<RepositoryRow> {
  return store.repositories.add({ forge: "git", remoteId: `id of ${name}`, name, defaultBranch: "main", createdAt: 5 });
}

type NewRun = Omit<Parameters<Store["runs"]["create"]>[0], "number">;

/** Makes a run with the number that is free, as its callers do: again while others are faster. */
export async function createRun(store: Store, row: NewRun): Promise<RunRow> {
  for (;;) {
    try {
      return await store.runs.create({ ...row, number: (await store.runs.lastNumber(row.repositoryId)) + 1 });
    } catch (error) {
      if (!(error instanceof SluiceError) || error.code !== "conflict") throw error;
    }
  }
}

/** What the tests of one database are given. */
export interface StoreBed {
  readonly make: () => Promise<TestDatabase>;
  /** Called in the opposite order when a test has ended. */
  readonly cleanups: (() => Promise<void>)[];
  /** A store on a database of its own; `again` opens another on the same. */
  fresh(): Promise<{ store: Store; url: string; again: () => Promise<Store> }>;
  /** A run of an event of its own. */
  addRun(store: Store, repository: RepositoryRow, event?: Event, begin?: Partial<RunChange>): Promise<RunRow>;
}

/** Defines the same tests for each database. */
export function eachDatabase(subject: string, tests: (bed: StoreBed) => void): void {
  describe.each(databases)(`${subject} on $name`, ({ make }) => {
    define(make, tests);
  });
}

/** Defines tests for the databases that several processes can have open. */
export function eachSharedDatabase(subject: string, tests: (bed: StoreBed) => void): void {
  describe.skipIf(postgresUrl === undefined)(`${subject} on PostgreSQL`, () => {
    define(() => postgresDatabase(postgresUrl ?? ""), tests);
  });
}

function define(make: StoreBed["make"], tests: (bed: StoreBed) => void): void {
  const cleanups: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
  });
  let keys = 0;
  tests({
    make,
    cleanups,
    async fresh() {
      const { url, drop } = await make();
      cleanups.push(drop);
      let time = 1_700_000_000_000;
      const open = async (): Promise<Store> => {
        const store = await openStore({ database: url, now: () => (time += 1) });
        cleanups.push(() => store.close());
        return store;
      };
      return { store: await open(), url, again: open };
    },
    async addRun(store, repository, event = push(), begin = {}) {
      keys += 1;
      const accepted = await store.events.accept({ repositoryId: repository.id, event, receivedAt: 10 }, `key ${keys}`);
      return createRun(store, {
        eventId: accepted.id,
        repositoryId: repository.id,
        event,
        title: "Sell more",
        plans: [plan],
        diagnostics: [],
        createdAt: 11,
        change: change("", 0, begin),
      });
    },
  });
}
