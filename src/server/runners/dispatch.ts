import { mayPass } from "../../forge/index.ts";
import { type Assignment, type Lease, messageOf, SluiceError } from "../../model/index.ts";
import type { Offer } from "../../runner/index.ts";
import type { JobRow, Store } from "../../store/index.ts";
import { crashPoint, type Runs, type Signals } from "../../transition/index.ts";
import type { Assignments } from "./assignments.ts";
import type { Leases } from "./leases.ts";
import { makeWaiter, type Waiter } from "./waiting.ts";

/** The longest wait of a lease request, in milliseconds. */
const longestWait = 30_000;
/** Maximum number of jobs in one response. */
const mostAtOnce = 100;

interface Request {
  readonly labels: ReadonlySet<string>;
  readonly waiter: Waiter;
}

/**
 * Assigns queued jobs to runners that ask. Requests are served in order; a job wakes one matching runner. Nobody polls,
 * unless signals can be lost.
 */
export class Dispatch {
  readonly #store: Store;
  readonly #runs: Runs;
  readonly #leases: Leases;
  readonly #assignments: Assignments;
  readonly #now: () => number;
  readonly #failed: (error: unknown) => void;
  readonly #lookAgain: number;
  readonly #requests = new Set<Request>();
  readonly #ignore: () => void;
  #closed = false;

  constructor(options: {
    readonly store: Store;
    readonly runs: Runs;
    readonly leases: Leases;
    readonly assignments: Assignments;
    readonly signals: Signals;
    readonly now: () => number;
    /** How often a waiting request polls if signals can be lost, in milliseconds. */
    readonly lookAgain: number;
    /** Called with failures that affect only one run or job. */
    readonly failed: (error: unknown) => void;
  }) {
    this.#store = options.store;
    this.#runs = options.runs;
    this.#leases = options.leases;
    this.#assignments = options.assignments;
    this.#now = options.now;
    this.#failed = options.failed;
    this.#lookAgain = options.signals.shared ? options.lookAgain : longestWait;
    this.#ignore = options.signals.listen((signal) => {
      if (signal.type !== "queued") return;
      if (signal.labels.length === 0) this.#wakeAll();
      for (const labels of signal.labels) this.#wake(labels);
    });
  }

  /** See RunnerChannel.lease. Rejects with `unavailable` while the server stops. */
  async lease(runnerId: string, offer: Offer, signal: AbortSignal): Promise<readonly Assignment[]> {
    const deadline = performance.now() + Math.min(Math.max(offer.waitMs, 0), longestWait);
    const again = await this.#undelivered(runnerId, offer.holds);
    if (again.length > 0) return again;
    for (;;) {
      if (this.#closed) throw new SluiceError("unavailable", "The server is stopping.");
      // It registers before it checks, so that a job queued in between is not missed.
      const request: Request = { labels: new Set(offer.labels), waiter: makeWaiter() };
      this.#requests.add(request);
      let taken: readonly Assignment[] = [];
      try {
        do {
          if (!signal.aborted) taken = await this.#take(runnerId, offer);
          if (signal.aborted) return await this.#giveBack(taken);
          if (taken.length > 0) return taken;
        } while (!(await this.#wait(request, deadline, signal)));
        if (!request.waiter.woken) return [];
      } finally {
        this.#requests.delete(request);
        // Woken but not served: pass the job to the next request.
        if (request.waiter.woken && (signal.aborted || taken.length > 0)) this.#wakeAny(offer.labels);
      }
    }
  }

  /** Returns true when the request is woken, its time is over or its client is gone; false when it is time to poll. */
  async #wait({ waiter }: Request, deadline: number, signal: AbortSignal): Promise<boolean> {
    const left = deadline - performance.now();
    if (left <= 0) return true;
    const woken = await waiter.wait(Math.min(left, this.#lookAgain), signal);
    return woken || signal.aborted || left <= this.#lookAgain;
  }

  /** The client is gone and will not receive them. */
  async #giveBack(taken: readonly Assignment[]): Promise<readonly Assignment[]> {
    for (const { lease } of taken) await this.#leases.withdraw(lease.job);
    return [];
  }

  async #take(runnerId: string, offer: Offer): Promise<readonly Assignment[]> {
    const wanted = Math.max(1, Math.min(offer.free, mostAtOnce));
    // Runs without a job for this request: another request was faster, or their state cannot be read.
    const passed: string[] = [];
    for (;;) {
      const found = await this.#store.jobs.fitting(offer.labels, wanted, passed);
      if (found.length === 0) return [];
      const taken: JobRow[] = [];
      for (const [runId, rows] of Map.groupBy(found, (row) => row.runId)) {
        const some = await this.#takeOf(runId, rows, runnerId);
        if (some.length === 0) passed.push(runId);
        taken.push(...some);
      }
      if (taken.length === 0) continue;
      crashPoint("control.after-take");
      return this.#assign(taken);
    }
  }

  /** One run that cannot be changed must not keep the jobs of all others from their runners. */
  async #takeOf(runId: string, rows: readonly JobRow[], runnerId: string): Promise<readonly JobRow[]> {
    try {
      return await this.#lease(runId, rows, runnerId);
    } catch (error) {
      if (passes(error)) throw error;
      this.#failed(error);
      return [];
    }
  }

  /**
   * Leases jobs of one run: the engine's state and the rows change together. Skips those that another request has taken
   * in the meantime.
   */
  async #lease(runId: string, rows: readonly JobRow[], runnerId: string): Promise<readonly JobRow[]> {
    let taken: readonly JobRow[] = [];
    await this.#runs.change(runId, async ({ stored }) => {
      const queued = new Set(stored.engine.jobs.filter((job) => job.status === "queued").map((job) => job.key));
      const free = rows.filter((row) => queued.has(row.key) && stored.rows[row.key] === row.id);
      // A row that was read before the run changed may have had another lease in between.
      const current = await Promise.all(free.map((row) => this.#store.jobs.byId(row.id)));
      taken = current
        .filter((row) => row !== undefined)
        .map((row) => ({ ...row, status: "running", runnerId, fence: row.fence + 1, reported: 0 }) as const);
      const heartbeatAt = this.#now();
      return {
        inputs: taken.map(({ key, attempt }) => ({ type: "job.started", key, attempt })),
        jobs: taken.map(({ id, fence }) => ({ id, runId, runnerId, fence, heartbeatAt, reported: 0, begunAt: null })),
      };
    });
    return taken;
  }

  async #assign(rows: readonly JobRow[]): Promise<readonly Assignment[]> {
    const made: Assignment[] = [];
    for (const row of rows) {
      try {
        made.push(await this.#assignments.build(row));
      } catch (error) {
        if (passes(error)) throw error;
        this.#failed(error);
        await this.#leases.fail(row, `the server could not assign it: ${messageOf(error)}`);
      }
    }
    return made;
  }

  /**
   * Jobs assigned to this runner that it does not know and nobody began: the response was lost with its connection or
   * with a server. They are assigned again under the same lease.
   */
  async #undelivered(runnerId: string, holds: readonly Lease[]): Promise<readonly Assignment[]> {
    const held = new Set(holds.map((lease) => `${lease.job}/${lease.fence}`));
    const rows = await this.#store.jobs.unbegun(runnerId);
    return this.#assign(rows.filter((row) => !held.has(`${row.id}/${row.fence}`)));
  }

  /** A job was queued: wakes the first matching request. */
  #wake(labels: readonly string[]): void {
    this.#wakeFirst((request) => labels.every((label) => request.labels.has(label)));
  }

  /** A job that matches these labels may be queued. */
  #wakeAny(labels: readonly string[]): void {
    this.#wakeFirst((request) => labels.length === 0 || labels.some((label) => request.labels.has(label)));
  }

  #wakeFirst(fits: (request: Request) => boolean): void {
    for (const request of this.#requests) {
      if (request.waiter.woken || !fits(request)) continue;
      request.waiter.wake();
      return;
    }
  }

  /** Answers all waiting requests with nothing. */
  close(): void {
    this.#closed = true;
    this.#ignore();
    this.#wakeAll();
  }

  #wakeAll(): void {
    for (const request of this.#requests) request.waiter.wake();
  }
}

/** Failures of the database or a forge, which pass: the client retries. */
function passes(error: unknown): boolean {
  return mayPass(error) || (error instanceof SluiceError && error.code === "storage-full");
}
