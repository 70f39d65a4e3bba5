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
import { DatabaseError, Pool, type PoolClient, types } from "pg";
import { postgresFailure } from "./failure.ts";
import { toParameter } from "./parameter.ts";

/** `bigint`: our times and counts stay far below 2^53, and the rest of the house wants numbers. */
const bigintType = 20;

/** Kysely on PostgreSQL. `url` is a `postgres://` address. */
export function postgresDialect(url: string): Dialect {
  return {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new PostgresDriver(url),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  };
}

/** The address without its password, for messages. */
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
      types: {
        getTypeParser: (type, format) =>
          type === bigintType && format !== "binary" ? Number : types.getTypeParser(type, format),
      },
    });
    // A connection that breaks while idle is replaced at the next query, which reports what is wrong if it still is.
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
    await connection.executeQuery(CompiledQuery.raw("rollback"));
  }

  async destroy(): Promise<void> {
    await this.#pool.end();
  }
}

class PostgresConnection implements DatabaseConnection {
  readonly #client: PoolClient;
  readonly #where: string;
  #broken = false;

  constructor(client: PoolClient, where: string) {
    this.#client = client;
    this.#where = where;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    try {
      const result = await this.#client.query<Record<string, unknown>>(query.sql, query.parameters.map(toParameter));
      return { rows: result.rows as R[], numAffectedRows: BigInt(result.rowCount ?? 0) };
    } catch (error) {
      // An error with a severity comes from a live server; any other means that the connection itself is gone.
      if (!(error instanceof DatabaseError)) this.#broken = true;
      throw postgresFailure(error, this.#where);
    }
  }

  // oxlint-disable-next-line eslint/require-yield -- Kysely's interface asks for it and the store reads no streams
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error("The store reads no streams from PostgreSQL.");
  }

  release(): void {
    this.#client.release(this.#broken);
  }
}
