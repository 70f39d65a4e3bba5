import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { setTimeout } from "node:timers/promises";
import { CompiledQuery, type DatabaseConnection, type Dialect, type Driver, type QueryResult, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from "kysely";
import { isBusy, sqliteFailure } from "./failure.ts";
import { toParameter } from "./parameter.ts";

const memory = ":memory:";
/** Prepared statements kept; more than the store has queries, so that only unusual ones are ever prepared again. */
const statementLimit = 256;

/** How long a query waits while another connection writes. */
const busyMs = 5_000;

/**
 * Tries again while another connection holds the lock. SQLite's own busy timeout would do it by blocking the thread,
 * and the other connection may be in this very process.
 */
async function patiently<T>(path: string, work: () => T): Promise<T> {
  const until = performance.now() + busyMs;
  for (let pause = 1; ; pause = Math.min(pause * 2, 50)) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error) || performance.now() > until) throw sqliteFailure(error, path);
    }
    await setTimeout(pause);
  }
}

/** Kysely on Node's own SQLite. `path` is a file, made when absent, or `:memory:`. */
export function sqliteDialect(path: string): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new SqliteDriver(path),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

/**
 * One connection, handed out in turn. `synchronous=FULL` in WAL mode: a commit that was answered survives a power cut.
 * Queries block the thread for tens of microseconds, which is less than handing them to another thread would cost.
 */
class SqliteDriver implements Driver {
  readonly #path: string;
  #connection: SqliteConnection | undefined;
  #turn: Promise<void> = Promise.resolve();
  #pass: () => void = () => {};

  constructor(path: string) {
    this.#path = path;
  }

  async init(): Promise<void> {
    if (this.#path !== memory) mkdirSync(dirname(this.#path), { recursive: true });
    const database = await patiently(this.#path, () => new DatabaseSync(this.#path, { enableForeignKeyConstraints: true, timeout: 0 }));
    this.#connection = new SqliteConnection(database, this.#path);
    if (this.#path !== memory) await patiently(this.#path, () => database.exec("pragma journal_mode = wal; pragma synchronous = full;"));
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    const before = this.#turn;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#turn = promise;
    await before;
    this.#pass = resolve;
    return this.#open();
  }

  async releaseConnection(): Promise<void> {
    this.#pass();
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    // Immediate: a transaction that reads first and writes later could otherwise fail half-way, with another writer in between.
    await connection.executeQuery(CompiledQuery.raw("begin immediate"));
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("commit"));
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    // A full disk makes SQLite roll back by itself; a second rollback would hide the reason.
    if (this.#open().inTransaction) await connection.executeQuery(CompiledQuery.raw("rollback"));
  }

  async destroy(): Promise<void> {
    this.#connection?.close();
    this.#connection = undefined;
  }

  #open(): SqliteConnection {
    if (this.#connection === undefined) throw new Error("The database is closed.");
    return this.#connection;
  }
}

interface Prepared {
  readonly statement: StatementSync;
  readonly returnsRows: boolean;
}

class SqliteConnection implements DatabaseConnection {
  readonly #database: DatabaseSync;
  readonly #path: string;
  readonly #prepared = new Map<string, Prepared>();

  constructor(database: DatabaseSync, path: string) {
    this.#database = database;
    this.#path = path;
  }

  get inTransaction(): boolean {
    return this.#database.isTransaction;
  }

  executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    return patiently(this.#path, () => {
      const { statement, returnsRows } = this.#prepare(query.sql);
      const parameters = query.parameters.map(toParameter);
      if (returnsRows) return { rows: statement.all(...parameters) as R[] };
      return { rows: [], numAffectedRows: BigInt(statement.run(...parameters).changes) };
    });
  }

  // oxlint-disable-next-line eslint/require-yield -- Kysely's interface asks for it and the store reads no streams
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error("The store reads no streams from SQLite.");
  }

  close(): void {
    this.#prepared.clear();
    this.#database.close();
  }

  #prepare(text: string): Prepared {
    const known = this.#prepared.get(text);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(text);
    const prepared = { statement, returnsRows: statement.columns().length > 0 };
    if (this.#prepared.size >= statementLimit) {
      const oldest = this.#prepared.keys().next();
      if (!oldest.done) this.#prepared.delete(oldest.value);
    }
    this.#prepared.set(text, prepared);
    return prepared;
  }
}
