import { isUnreadable, type JobRow, type Store } from "../../store/index.ts";
import type { Leases } from "./leases.ts";

/** If two checks are this far apart, in milliseconds, the machine slept or the process was stopped. */
const pause = 5000;

interface Watched {
  readonly fence: number;
  /** When it was first seen, by the monotonic clock. */
  readonly since: number;
  beat: number | undefined;
  /** When a new heartbeat was last noticed, by the monotonic clock. */
  heard: number;
}

/**
 * Finds jobs whose runner is silent. It uses its own monotonic clock and the times it noticed heartbeats: a clock that
 * jumps kills no job, and after a start or a sleep of the machine every runner has the full time to come back.
 */
export class Reaper {
  readonly #store: Store;
  readonly #leases: Leases;
  readonly #monotonic: () => number;
  readonly #silence: number;
  readonly #overtime: number;
  readonly #failed: (error: unknown) => void;
  readonly #watched = new Map<string, Watched>();
  #last: number | undefined;

  constructor(options: {
    readonly store: Store;
    readonly leases: Leases;
    readonly monotonic: () => number;
    /** How long a runner can be silent before it counts as dead, in milliseconds. */
    readonly silence: number;
    /** How much longer than its own timeout a job can be held before it has failed, in milliseconds. */
    readonly overtime: number;
    /** Called with jobs whose run is unreadable. */
    readonly failed: (error: unknown) => void;
  }) {
    this.#store = options.store;
    this.#leases = options.leases;
    this.#monotonic = options.monotonic;
    this.#silence = options.silence;
    this.#overtime = options.overtime;
    this.#failed = options.failed;
  }

  /**
   * Checks once; called every second. Jobs of silent runners are lost; those held far beyond their timeout have failed.
   */
  async check(): Promise<void> {
    const now = this.#monotonic();
    const slept = this.#last !== undefined && now - this.#last > pause;
    this.#last = now;
    const running = await this.#store.jobs.running();
    const ids = new Set(running.map((job) => job.id));
    for (const id of this.#watched.keys()) if (!ids.has(id)) this.#watched.delete(id);
    for (const job of running) await this.#alone(() => this.#check(job, now, slept));
  }

  async #check(job: JobRow, now: number, slept: boolean): Promise<void> {
    const watched = this.#watched.get(job.id);
    if (watched === undefined || slept || watched.fence !== job.fence || watched.beat !== job.heartbeatAt) {
      const since = watched?.fence === job.fence ? watched.since : now;
      this.#watched.set(job.id, { fence: job.fence, since, beat: job.heartbeatAt, heard: now });
    } else if (now - watched.heard >= this.#silence) {
      this.#watched.delete(job.id);
      await this.#leases.end(job, `its runner was silent for ${Math.round(this.#silence / 1000)} s`);
      return;
    }
    const { timeoutMinutes } = job.detail;
    if (watched === undefined || timeoutMinutes === undefined) return;
    if (now - watched.since >= timeoutMinutes * 60_000 + this.#overtime)
      await this.#leases.fail(
        job,
        `it ran longer than its timeout of ${timeoutMinutes} minutes, and its runner did not stop it`,
      );
  }

  /**
   * The job's runner was just heard from. The stored heartbeat informs other servers; this call informs this one, also
   * if nothing can be stored: a full disk must not cost anyone a job.
   */
  heard(id: string): void {
    const watched = this.#watched.get(id);
    if (watched !== undefined) watched.heard = this.#monotonic();
  }

  /** The runner's process is certainly gone: its jobs are queued again, or lost if they were begun. */
  async release(runnerId: string, reason: string): Promise<void> {
    for (const job of await this.#store.jobs.running())
      if (job.runnerId === runnerId) await this.#alone(() => this.#leases.end(job, reason));
  }

  /** One unreadable run must not keep the jobs of others from ending. */
  async #alone(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      this.#failed(error);
    }
  }
}
