import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { setTimeout } from "node:timers/promises";
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import { type RetryPolicy, retryDelay } from "../../model/index.ts";
import { isBusy, sqliteFailure } from "./failure.ts";
import { GroupSync, LogFile } from "./group-sync.ts";
import { toParameter } from "./parameter.ts";

const memory = ":memory:";
/**
 * Number of prepared statements kept; more than the store has queries, so that only unusual ones are prepared again.
 */
const statementLimit = 256;

/** How long a query waits while another connection writes, and how often it retries, in milliseconds. */
const busyMs = 5_000;
const busyRetry: RetryPolicy = { first: 1, longest: 50 };

/**
 * Retries while another connection holds the lock. SQLite's own busy timeout would block the thread, and the other
 * connection may be in this very process.
 */
async function patiently<T>(path: string, work: () => T): Promise<T> {
  const until = performance.now() + busyMs;
  for (let failures = 1; ; failures += 1) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error) || performance.now() > until) throw sqliteFailure(error, path);
    }
    await setTimeout(retryDelay(busyRetry, failures));
  }
}

/** Kysely on Node's own SQLite. `path` is a file, created if absent, or `:memory:`. */
export function sqliteDialect(path: string): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new SqliteDriver(path),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

/** Creates the file if absent, for its owner only; SQLite gives the files beside it the same mode. */
function makePrivate(path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  try {
    closeSync(openSync(path, "a", 0o600));
  } catch {
    // SQLite's own opening follows, and says what is wrong.
  }
}

/**
 * One connection, used in turn. An answered commit survives a power cut, as with `synchronous=FULL`; but the wait for
 * the disk does not block the thread, and commits that arrive meanwhile share the next sync
 * (docs/decisions/0015-commits-share-a-sync.md). The rest of a query blocks the thread for tens of microseconds, which
 * is less than passing it to another thread would cost.
 */
class SqliteDriver implements Driver {
  readonly #path: string;
  readonly #log: LogFile;
  readonly #sync: GroupSync;
  #connection: SqliteConnection | undefined;
  #turn: Promise<void> = Promise.resolve();
  #pass: () => void = () => {};

  constructor(path: string) {
    this.#path = path;
    this.#log = new LogFile(path);
    this.#sync = new GroupSync(() => this.#log.sync());
  }

  async init(): Promise<void> {
    if (this.#path !== memory) makePrivate(this.#path);
    const database = await patiently(
      this.#path,
      () => new DatabaseSync(this.#path, { enableForeignKeyConstraints: true, timeout: 0 }),
    );
    this.#connection = new SqliteConnection(database, this.#path);
    if (this.#path !== memory)
      await patiently(this.#path, () => database.exec("pragma journal_mode = wal; pragma synchronous = normal;"));
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    const before = this.#turn;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#turn = promise;
    await before;
    this.#pass = resolve;
    return this.#open();
  }

  /** Lets the next one in, and resolves when the writes are on the disk: only then does Kysely answer its caller. */
  async releaseConnection(): Promise<void> {
    const wrote = this.#open().takeWrote();
    this.#pass();
    if (wrote && this.#path !== memory) await this.#sync.reached();
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    // Immediate: a transaction that reads first and writes later could otherwise fail half-way because of another
    // writer.
    await connection.executeQuery(CompiledQuery.raw("begin immediate"));
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("commit"));
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    // On a full disk SQLite rolls back by itself; a second rollback would hide the reason.
    if (this.#open().inTransaction) await connection.executeQuery(CompiledQuery.raw("rollback"));
  }

  async destroy(): Promise<void> {
    this.#connection?.close();
    this.#connection = undefined;
    await this.#log.close();
  }

  #open(): SqliteConnection {
    if (this.#connection === undefined) throw new Error("The database is closed.");
    return this.#connection;
  }
}

interface Prepared {
  readonly statement: StatementSync;
  readonly returnsRows: boolean;
  readonly reads: boolean;
}

class SqliteConnection implements DatabaseConnection {
  readonly #database: DatabaseSync;
  readonly #path: string;
  readonly #prepared = new Map<string, Prepared>();
  #wrote = false;

  constructor(database: DatabaseSync, path: string) {
    this.#database = database;
    this.#path = path;
  }

  get inTransaction(): boolean {
    return this.#database.isTransaction;
  }

  /** Whether anything was written since the last check. */
  takeWrote(): boolean {
    const wrote = this.#wrote;
    this.#wrote = false;
    return wrote;
  }

  executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    return patiently(this.#path, () => {
      const { statement, returnsRows, reads } = this.#prepare(query.sql);
      if (!reads) this.#wrote = true;
      const parameters = query.parameters.map(toParameter);
      if (returnsRows) return { rows: statement.all(...parameters) as R[] };
      return { rows: [], numAffectedRows: BigInt(statement.run(...parameters).changes) };
    });
  }

  // oxlint-disable-next-line eslint/require-yield -- Kysely's interface asks for it and the store reads no streams
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error("The store does not stream from SQLite.");
  }

  close(): void {
    this.#prepared.clear();
    this.#database.close();
  }

  #prepare(text: string): Prepared {
    const known = this.#prepared.get(text);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(text);
    const prepared = { statement, returnsRows: statement.columns().length > 0, reads: /^select\b/i.test(text) };
    if (this.#prepared.size >= statementLimit) {
      const oldest = this.#prepared.keys().next();
      if (!oldest.done) this.#prepared.delete(oldest.value);
    }
    this.#prepared.set(text, prepared);
    return prepared;
  }
}
