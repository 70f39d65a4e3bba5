import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from "kysely";
import { Pool, type PoolClient, types } from "pg";
import { endsConnection, postgresFailure } from "./postgres-failure.ts";
import { toParameter } from "./parameter.ts";

/** `bigint`: our times and counts stay far below 2^53, and all other code expects numbers. */
const bigintType = 20;

/** Kysely on PostgreSQL. `url` is a `postgres://` URL. */
export function postgresDialect(url: string): Dialect {
  return {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new PostgresDriver(url),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  };
}

/** The URL without its password, for messages. */
export function withoutPassword(url: string): string {
  const parsed = URL.parse(url);
  return parsed === null ? "postgres" : `postgres://${parsed.host}${parsed.pathname}`;
}

class PostgresDriver implements Driver {
  readonly #pool: Pool;
  readonly #where: string;

  constructor(url: string) {
    this.#where = withoutPassword(url);
    this.#pool = new Pool({
      connectionString: url,
      max: 10,
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
      types: {
        getTypeParser: (type, format) =>
          type === bigintType && format !== "binary" ? Number : types.getTypeParser(type, format),
      },
    });
    // A connection that breaks while idle is replaced at the next query, which reports the problem if it persists.
    this.#pool.on("error", () => {});
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    try {
      return new PostgresConnection(await this.#pool.connect(), this.#where);
    } catch (error) {
      throw postgresFailure(error, this.#where);
    }
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    if (connection instanceof PostgresConnection) connection.release();
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("begin"));
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("commit"));
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    // PostgreSQL rolled back when the connection broke; a failing rollback would hide the reason.
    if (connection instanceof PostgresConnection && connection.broken) return;
    await connection.executeQuery(CompiledQuery.raw("rollback"));
  }

  async destroy(): Promise<void> {
    await this.#pool.end();
  }
}

/**
 * A connection in use. It can break at any moment, also between two queries, and the pool only listens for that while
 * the connection is idle. From then on its queries fail with `unavailable`, and the pool replaces it.
 */
class PostgresConnection implements DatabaseConnection {
  readonly #client: PoolClient;
  readonly #where: string;
  /** The error that broke it. */
  #breakage: unknown;
  readonly #onError = (error: unknown): void => {
    this.#breakage ??= error;
  };

  constructor(client: PoolClient, where: string) {
    this.#client = client;
    this.#where = where;
    client.on("error", this.#onError);
  }

  get broken(): boolean {
    return this.#breakage !== undefined;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const parameters = query.parameters.map(toParameter);
    try {
      if (this.broken) throw this.#breakage;
      const result = await this.#client.query<Record<string, unknown>>(query.sql, parameters);
      return { rows: result.rows as R[], numAffectedRows: BigInt(result.rowCount ?? 0) };
    } catch (error) {
      if (endsConnection(error)) this.#breakage ??= error;
      throw postgresFailure(this.#breakage ?? error, this.#where);
    }
  }

  // oxlint-disable-next-line eslint/require-yield -- Kysely's interface asks for it and the store reads no streams
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error("The store does not stream from PostgreSQL.");
  }

  release(): void {
    // The pool listens from here on.
    this.#client.release(this.broken);
    this.#client.off("error", this.#onError);
  }
}
