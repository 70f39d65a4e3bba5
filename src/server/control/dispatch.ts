import type { Assignment, Lease } from "../../model/index.ts";
import { SluiceError } from "../../model/index.ts";
import type { Offer } from "../../runner/index.ts";
import type { JobRow, Store } from "../../store/index.ts";
import type { Assignments } from "./assignment.ts";
import { crashPoint } from "./crash.ts";
import type { RunService } from "./runs.ts";
import { makeWaiter, type Waiter } from "./waiting.ts";

/** The longest that a lease request may wait, in milliseconds. */
const longestWait = 30_000;

interface Asking {
  readonly labels: ReadonlySet<string>;
  readonly waiter: Waiter;
}

/**
 * Hands queued jobs to runners that ask. Whoever asked first is served first; a job wakes one runner that fits,
 * and nobody looks again and again.
 */
export class Dispatch {
  readonly #store: Store;
  readonly #runs: RunService;
  readonly #assignments: Assignments;
  readonly #now: () => number;
  readonly #taken: (job: JobRow) => void;
  readonly #withdraw: (job: string) => Promise<void>;
  readonly #asking = new Set<Asking>();
  /** Jobs handed to runners of which nothing was heard yet, by row. */
  readonly #unheard = new Map<string, { readonly runnerId: string; readonly fence: number }>();
  #closed = false;

  constructor(options: {
    store: Store;
    runs: RunService;
    assignments: Assignments;
    now: () => number;
    taken: (job: JobRow) => void;
    withdraw: (job: string) => Promise<void>;
  }) {
    this.#store = options.store;
    this.#runs = options.runs;
    this.#assignments = options.assignments;
    this.#now = options.now;
    this.#taken = options.taken;
    this.#withdraw = options.withdraw;
  }

  /** See RunnerChannel.lease. Rejects with `unavailable` while the server ends. */
  async lease(runnerId: string, offer: Offer, signal: AbortSignal): Promise<readonly Assignment[]> {
    const deadline = performance.now() + Math.min(Math.max(offer.waitMs, 0), longestWait);
    const again = await this.#handAgain(runnerId, offer.holds);
    if (again.length > 0) return again;
    for (;;) {
      if (this.#closed) throw new SluiceError("unavailable", "The server is ending.");
      // It stands in the line before it looks, so that a job queued in between is not missed.
      const asking: Asking = { labels: new Set(offer.labels), waiter: makeWaiter() };
      this.#asking.add(asking);
      let taken: readonly Assignment[] = [];
      try {
        if (!signal.aborted) taken = await this.#take(runnerId, offer);
        if (signal.aborted) return await this.#giveBack(taken);
        if (taken.length > 0) return taken;
        const left = deadline - performance.now();
        if (left <= 0 || signal.aborted) return [];
        if (!(await asking.waiter.wait(left, signal))) return [];
      } finally {
        this.#asking.delete(asking);
        // Woken and not served: the job is for the next.
        if (asking.waiter.woken && (signal.aborted || taken.length > 0)) this.#passOn(offer.labels);
      }
    }
  }

  /** Nobody is there to hear of them any more. */
  async #giveBack(taken: readonly Assignment[]): Promise<readonly Assignment[]> {
    for (const { lease } of taken) {
      this.#unheard.delete(lease.job);
      await this.#withdraw(lease.job);
    }
    return [];
  }

  async #take(runnerId: string, offer: Offer): Promise<readonly Assignment[]> {
    const rows = await this.#store.jobs.take({
      runnerId,
      labels: offer.labels,
      limit: Math.max(1, Math.min(offer.free, 100)),
      now: this.#now(),
    });
    if (rows.length === 0) return [];
    crashPoint("control.after-take");
    const made: Assignment[] = [];
    for (const row of rows) {
      this.#unheard.set(row.id, { runnerId, fence: row.fence });
      this.#runs.started(row.runId, row.key, row.attempt);
      this.#taken(row);
      const assignment = await this.#assignments.build(row);
      if (assignment !== undefined) made.push(assignment);
    }
    return made;
  }

  /**
   * Jobs that this runner was given and does not have, while nothing was ever heard of them: the answer was lost
   * on its way. They are handed out again under the same lease.
   */
  async #handAgain(runnerId: string, holds: readonly Lease[]): Promise<readonly Assignment[]> {
    const held = new Set(holds.map((lease) => lease.job));
    const missing = [...this.#unheard].filter(([job, given]) => given.runnerId === runnerId && !held.has(job));
    const made: Assignment[] = [];
    for (const [job, { fence }] of missing) {
      const row = await this.#store.jobs.byId(job);
      const still = row?.status === "running" && row.fence === fence && row.reported === 0;
      const assignment = still ? await this.#assignments.build(row) : undefined;
      if (assignment === undefined) this.#unheard.delete(job);
      else made.push(assignment);
    }
    return made;
  }

  /** The runner said something about the job: it has it. True the first time. */
  heard(runnerId: string, job: string): boolean {
    return this.#unheard.get(job)?.runnerId === runnerId && this.#unheard.delete(job);
  }

  /** The job has ended: what is kept about it goes. */
  forget(job: string): void {
    this.#unheard.delete(job);
  }

  /** Jobs were queued: wakes those that asked first, one for each job. */
  wake(queued: readonly (readonly string[])[]): void {
    for (const labels of queued) this.#passOn(labels, (asking) => labels.every((label) => asking.labels.has(label)));
  }

  #passOn(
    labels: readonly string[],
    fits: (asking: Asking) => boolean = (asking) =>
      labels.some((label) => asking.labels.has(label)) || labels.length === 0,
  ): void {
    for (const asking of this.#asking) {
      if (asking.waiter.woken || !fits(asking)) continue;
      asking.waiter.wake();
      return;
    }
  }

  /** Lets everybody who waits go, with nothing. */
  close(): void {
    this.#closed = true;
    for (const asking of this.#asking) asking.waiter.wake();
  }
}
