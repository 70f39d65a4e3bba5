import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import type { Client } from "pg";
import * as z from "zod";
import { SluiceError } from "../../model/index.ts";
import { postgresFailure } from "./postgres-failure.ts";
import { withoutPassword } from "./postgres.ts";
import { openSession, type Session } from "./session.ts";

/** A lock that one server at a time holds on a database. */
export interface DatabaseLock {
  /** Resolves with `data-locked` when another server has taken it while the database was unreachable. Never rejects. */
  readonly lost: Promise<SluiceError>;
  release(): Promise<void>;
}

/**
 * Half of an advisory lock's name; the other half is the schema, because one database can hold several servers' data in
 * separate schemas.
 */
const lockClass = 720_521;
/**
 * How often to try at the start, and the delay between, in milliseconds: the session of a server that was just killed
 * is about to end.
 */
const tries = 10;
const pause = 200;

const answer = z.object({ mine: z.boolean(), holder: z.string().nullable(), pid: z.number().nullable() });

/** The advisory lock of a session. */
export class SessionLock implements DatabaseLock {
  readonly lost: Promise<SluiceError>;
  readonly #lose: (error: SluiceError) => void;
  readonly #url: string;
  readonly #where: string;
  /** Distinguishes our own session, left over from a broken connection, from another server's. */
  readonly #name = `sluice-lock-${randomUUID().slice(0, 18)}`;
  readonly #released = new AbortController();
  #session: Session | undefined;

  constructor(url: string) {
    this.#url = url;
    this.#where = withoutPassword(url);
    const { promise, resolve } = Promise.withResolvers<SluiceError>();
    this.lost = promise;
    this.#lose = resolve;
  }

  /** Takes the lock and monitors it from then on. */
  async take(): Promise<void> {
    const session = await openSession(this.#url, this.#name);
    try {
      await this.#acquire(session.client);
    } catch (error) {
      await session.close();
      throw postgresFailure(error, this.#where);
    }
    if (this.#released.signal.aborted) return session.close();
    this.#session = session;
    void this.#watch(session);
  }

  async release(): Promise<void> {
    this.#released.abort();
    await this.#session?.close();
  }

  async #acquire(client: Client): Promise<void> {
    for (let left = tries; ; left -= 1) {
      const { rows } = await client.query(
        `select pg_try_advisory_lock($1::int, hashtext(coalesce(current_schema(), ''))) as mine,
          (select application_name from pg_locks join pg_stat_activity using (pid) where ${held}) as holder,
          (select pid from pg_locks where ${held}) as pid`,
        [lockClass],
      );
      const { mine, holder, pid } = answer.parse(rows[0]);
      if (mine) return;
      if (holder === this.#name && pid !== null) await client.query("select pg_terminate_backend($1)", [pid]);
      else if (left <= 1)
        throw new SluiceError("data-locked", `Another server is using the database ${this.#where}.`, {
          help: "Stop the other server, or use another database for this one.",
        });
      await delay(pause, undefined, { signal: this.#released.signal });
    }
  }

  /**
   * Until it is released: when the connection is gone, takes the lock again; the server keeps running meanwhile. Never
   * rejects.
   */
  async #watch({ broken }: Session): Promise<void> {
    if (!broken.aborted) await once(broken, "abort");
    while (!this.#released.signal.aborted) {
      try {
        return await this.take();
      } catch (error) {
        if (error instanceof SluiceError && error.code === "data-locked") return this.#lose(error);
        await delay(1000, undefined, { signal: this.#released.signal, ref: false }).catch(() => undefined);
      }
    }
  }
}

/** The row of our lock in `pg_locks`: two four-byte numbers, of this database. */
const held = `locktype = 'advisory' and classid = ($1::int)::oid and objid = (hashtext(coalesce(current_schema(), ''))::bigint & 4294967295)::oid
  and objsubid = 2 and granted and database = (select oid from pg_database where datname = current_database())`;
