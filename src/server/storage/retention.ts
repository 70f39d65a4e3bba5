import type { Blobs, LeftFiles, Logs, Store } from "../../store/index.ts";
import { type Delivery, filesLeft, leftMessages } from "../../transition/index.ts";
import type { Limits } from "../control/limits.ts";

const dayMs = 86_400_000;
/** A run that ended less than so many milliseconds ago stays, however many there are: somebody may look at it. */
const recentMs = dayMs;
/** An event, and with it the key that tells when it is reported again, is kept for so many milliseconds at least. */
const keyMs = 30 * dayMs;
/** Runs and events that one transaction removes. */
const portion = 10;
const eventPortion = 500;

/**
 * Removes runs that nobody needs any more, by age and number, and what belongs to them. Their rows go in one transaction
 * with a message that has the files removed: a crash leaves none behind.
 */
export class Retention {
  readonly #store: Store;
  readonly #logs: Logs;
  readonly #blobs: Blobs;
  readonly #limits: Limits;
  readonly #now: () => number;
  readonly #wake: () => void;

  /** `wake` is called after a commit with messages. */
  constructor(options: {
    readonly store: Store;
    readonly logs: Logs;
    readonly blobs: Blobs;
    readonly limits: Limits;
    readonly now: () => number;
    readonly wake: () => void;
  }) {
    this.#store = options.store;
    this.#logs = options.logs;
    this.#blobs = options.blobs;
    this.#limits = options.limits;
    this.#now = options.now;
    this.#wake = options.wake;
  }

  register(delivery: Delivery): void {
    delivery.on(filesLeft, { deliver: (left) => this.#removeFiles(left) });
  }

  /** A run of the repository has ended: removes some of those that are too many by now. */
  async runEnded(repository: string): Promise<void> {
    const row = await this.#store.repositories.byName(repository);
    if (row !== undefined) await this.#remove(row.id, false);
  }

  /** Removes all runs and events whose time is over. */
  async check(): Promise<void> {
    for (const { id } of await this.#store.repositories.list()) while ((await this.#remove(id, true)) > 0);
    const age = Math.max(this.#limits.retention.age, keyMs);
    while ((await this.#store.retention.removeEvents(this.#now() - age, eventPortion)) > 0);
  }

  async #remove(repositoryId: string, byAge: boolean): Promise<number> {
    const { age, count, floor } = this.#limits.retention;
    const now = this.#now();
    const rule = { count, floor, endedBeforeIfMore: now - recentMs };
    const removed = await this.#store.retention.removeRuns(
      repositoryId,
      byAge ? { ...rule, endedBefore: now - age } : rule,
      portion,
      (left) => ({ messages: leftMessages(left) }),
    );
    if (removed > 0) this.#wake();
    return removed;
  }

  async #removeFiles({ jobs, blobs }: LeftFiles): Promise<undefined> {
    for (const job of jobs) await this.#logs.remove(job);
    for (const blob of blobs) await this.#blobs.remove(blob);
    return undefined;
  }
}
