/**
 * How long after the server last confirmed a lease its runner may start processes, in milliseconds. The server gives a
 * silent runner's jobs away after 27 s (docs/guide/runners.md); the rest is for the start itself.
 */
const trusted = 20_000;

/** Clocks, in milliseconds. */
export interface Clocks {
  /** Grows while the machine is awake, whatever the time of day. */
  readonly monotonic: () => number;
  /** The time of day, which goes on while the machine sleeps. */
  readonly wall: () => number;
}

const machine: Clocks = { monotonic: () => performance.now(), wall: () => Date.now() };

interface Time {
  readonly monotonic: number;
  readonly wall: number;
}

/**
 * Knows when the server last confirmed a lease: when the last call it accepted was sent. A runner that was stopped,
 * asleep or cut off for too long finds out before it starts anything more of a job that may be another runner's by now.
 */
export class LeaseAge {
  readonly #clocks: Clocks;
  #confirmed: Time;
  #next = Promise.withResolvers<void>();

  constructor(clocks: Clocks = machine) {
    this.#clocks = clocks;
    this.#confirmed = this.#now();
  }

  /** Makes a call about the lease; its success confirms the lease. */
  async confirmedBy<T>(call: () => Promise<T>): Promise<T> {
    const sent = this.#now();
    const answer = await call();
    if (this.#since(sent) < this.#since(this.#confirmed)) {
      this.#confirmed = sent;
      this.#next.resolve();
      this.#next = Promise.withResolvers();
    }
    return answer;
  }

  /** Resolves once the lease was confirmed recently, usually at once, or when the signal is aborted. Never rejects. */
  async recent(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.#since(this.#confirmed) >= trusted) {
      const over = new AbortController();
      const aborted = new Promise<void>((resolve) => {
        signal.addEventListener("abort", () => resolve(), { once: true, signal: over.signal });
      });
      await Promise.race([this.#next.promise, aborted]);
      over.abort();
    }
  }

  #now(): Time {
    return { monotonic: this.#clocks.monotonic(), wall: this.#clocks.wall() };
  }

  /** By the clock that says more: one stands still while the machine sleeps, the other can be set back. */
  #since(time: Time): number {
    const now = this.#now();
    return Math.max(now.monotonic - time.monotonic, now.wall - time.wall);
  }
}
