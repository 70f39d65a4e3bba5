import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import * as z from "zod";
import { type RetryPolicy, retryDelay } from "../../model/index.ts";
import type { Channel, ChannelListener } from "../channel.ts";
import { endsConnection, postgresFailure } from "./postgres-failure.ts";
import { withoutPassword } from "./postgres.ts";
import { openSession, type Session } from "./session.ts";

/** Delays before it connects again, in milliseconds. */
const reconnect: RetryPolicy = { first: 100, longest: 10_000, jitter: 0.5 };

/** Several installations can share a database in separate schemas: each has a channel of its own. */
const identify = `select 'sluice_' || to_hex(hashtext(coalesce(current_schema(), ''))) as name, pg_backend_pid() as pid`;
const identitySchema = z.object({ name: z.string(), pid: z.number() });

interface Connected {
  readonly session: Session;
  readonly name: string;
}

/** A channel by `LISTEN` and `NOTIFY` of PostgreSQL, on a connection of its own. */
export class NotifyChannel implements Channel {
  readonly shared = true;
  readonly #url: string;
  readonly #listeners = new Set<ChannelListener>();
  readonly #closed = new AbortController();
  #connected: Connected | undefined;
  #loop: Promise<void> | undefined;

  constructor(url: string) {
    this.#url = url;
  }

  subscribe(listener: ChannelListener): () => void {
    this.#listeners.add(listener);
    this.#loop ??= this.#stayConnected();
    return () => this.#listeners.delete(listener);
  }

  async publish(text: string): Promise<void> {
    if (this.#connected === undefined) return;
    const { session, name } = this.#connected;
    try {
      await session.client.query("select pg_notify($1, $2)", [name, text]);
    } catch (error) {
      if (endsConnection(error)) void session.close();
      throw postgresFailure(error, withoutPassword(this.#url));
    }
  }

  /** Never rejects. */
  async close(): Promise<void> {
    this.#closed.abort();
    await this.#connected?.session.close();
    await this.#loop;
  }

  /** Until it is closed. Never rejects. */
  async #stayConnected(): Promise<void> {
    for (let failures = 1; !this.#closed.signal.aborted; failures += 1) {
      try {
        const connected = await this.#connect();
        failures = 0;
        await this.#use(connected);
      } catch {
        // Whoever uses the database meets the same failure and reports it.
      }
      const ms = retryDelay(reconnect, Math.max(failures, 1), Math.random());
      await delay(ms, undefined, { signal: this.#closed.signal, ref: false }).catch(() => {
        // Closed while it waited.
      });
    }
  }

  async #connect(): Promise<Connected> {
    const session = await openSession(this.#url, "sluice-channel");
    try {
      const { rows } = await session.client.query(identify);
      const { name, pid } = identitySchema.parse(rows[0]);
      // PostgreSQL delivers a session's own notifications to it, too, and tells whose each is.
      session.client.on("notification", ({ processId, payload = "" }) => {
        if (processId !== pid) for (const listener of this.#listeners) listener.text(payload);
      });
      // Nothing that is published must survive a crash: nobody waits for the disk.
      await session.client.query(`set synchronous_commit = off; listen ${session.client.escapeIdentifier(name)}`);
      return { session, name };
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  /** Resolves when the connection is gone. */
  async #use(connected: Connected): Promise<void> {
    const { session } = connected;
    if (this.#closed.signal.aborted) return session.close();
    this.#connected = connected;
    for (const listener of this.#listeners) listener.missed();
    if (!session.broken.aborted) await once(session.broken, "abort");
    this.#connected = undefined;
  }
}
