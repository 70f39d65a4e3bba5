import { Client } from "pg";
import { postgresFailure } from "./postgres-failure.ts";
import { withoutPassword } from "./postgres.ts";

/** How often to check the connection, and how long to wait for an answer, in milliseconds. */
const watchInterval = 15_000;
const answerLimit = 10_000;

/** A connection to PostgreSQL beside the pool, for what lives as long as its session: locks and listening. */
export interface Session {
  readonly client: Client;
  /** Aborted when the connection is closed, breaks or does not answer. */
  readonly broken: AbortSignal;
  /** Never rejects. */
  close(): Promise<void>;
}

/**
 * Connects, and checks the connection from then on. `name` is shown in PostgreSQL's list of sessions. Rejects with
 * `unavailable` if the database cannot be reached.
 */
export async function openSession(url: string, name: string): Promise<Session> {
  const client = new Client({
    connectionString: url,
    application_name: name,
    connectionTimeoutMillis: answerLimit,
    query_timeout: answerLimit,
    keepAlive: true,
  });
  const broken = new AbortController();
  client.on("error", () => broken.abort());
  client.on("end", () => broken.abort());
  try {
    await client.connect();
    // PostgreSQL ends the session of a machine that is cut off within a minute.
    await client.query("set tcp_keepalives_idle = 30; set tcp_keepalives_interval = 10; set tcp_keepalives_count = 3");
  } catch (error) {
    await end(client);
    throw postgresFailure(error, withoutPassword(url));
  }
  const watch = setInterval(() => void client.query("select 1").catch(() => broken.abort()), watchInterval);
  watch.unref();
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const cleanUp = (): void => {
    clearInterval(watch);
    resolve(end(client));
  };
  if (broken.signal.aborted) cleanUp();
  else broken.signal.addEventListener("abort", cleanUp, { once: true });
  return {
    client,
    broken: broken.signal,
    close() {
      broken.abort();
      return ended;
    },
  };
}

async function end(client: Client): Promise<void> {
  await client.end().catch(() => {
    // It never was connected, or is not any more.
  });
}
