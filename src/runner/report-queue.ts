import { setImmediate as settled } from "node:timers/promises";
import type { JobReport } from "../model/index.ts";
import { Pace } from "./pace.ts";

/** Reports within this time of each other are sent together. */
const spacingMs = 25;
/** The first waits so long for more: all that a short job has to say is one call, and one commit of the server. */
const firstMs = 20;
/** Maximum entries, and approximate characters, per call. */
const batchEntries = 500;
const batchCharacters = 256 * 1024;

interface Waiting {
  readonly entry: JobReport;
  readonly size: number;
  /** Resolves when it can be sent; absent if it already can. */
  after: Promise<unknown> | undefined;
}

/**
 * Releases the entry when its dependency is done; if that fails, the entry stays, and sending fails when it is reached.
 */
async function release(waiting: Waiting): Promise<void> {
  const [result] = await Promise.allSettled([waiting.after]);
  if (result.status === "fulfilled") waiting.after = undefined;
}

/** A job's report in transit: entries in order with their index, starting after the last acknowledged one. */
export class ReportQueue {
  readonly #send: (from: number, entries: readonly JobReport[]) => Promise<void>;
  readonly #pace = new Pace(spacingMs, firstMs);
  readonly #waiting: Waiting[] = [];
  #acknowledged = 0;
  #ended = false;
  #sending: Promise<void> | undefined;

  /** `send` retries while the server is unavailable, and rejects when the job is dropped. */
  constructor(send: (from: number, entries: readonly JobReport[]) => Promise<void>) {
    this.#send = send;
  }

  /** Whether the job's end is among the entries: nothing follows it. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Adds an entry, which is sent after `after` and never before earlier entries. */
  add(entry: JobReport, after?: Promise<unknown>): void {
    if (this.#ended) return;
    if (entry.type === "job.finished") {
      this.#ended = true;
      this.#pace.hurry();
    }
    const waiting: Waiting = { entry, size: JSON.stringify(entry).length, after };
    this.#waiting.push(waiting);
    void release(waiting);
    if (this.#sending !== undefined) return;
    this.#sending = this.#sendAll();
    this.#sending.catch(() => {
      // The job was dropped, which whoever waits for `drained` hears; nothing more is sent.
    });
  }

  /** Resolves when all entries are acknowledged; rejects when the job is dropped. */
  async drained(): Promise<void> {
    await this.#sending;
  }

  async #sendAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      await this.#waiting[0]?.after;
      await this.#pace.due(() => this.#ended);
      // At the job's end, sends everything sendable together: each call costs the server a commit.
      if (this.#ended) await settled();
      const batch = this.#nextBatch();
      await this.#send(this.#acknowledged, batch);
      this.#waiting.splice(0, batch.length);
      this.#acknowledged += batch.length;
    }
    this.#sending = undefined;
  }

  /** The first entry, which is sendable, and those after it that no longer wait. */
  #nextBatch(): readonly JobReport[] {
    const batch: JobReport[] = [];
    let size = 0;
    for (const waiting of this.#waiting.slice(0, batchEntries)) {
      size += waiting.size;
      if (batch.length > 0 && (waiting.after !== undefined || size > batchCharacters)) break;
      batch.push(waiting.entry);
    }
    return batch;
  }
}
