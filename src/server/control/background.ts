import { messageOf } from "../../model/index.ts";
import type { Logger } from "./options.ts";

/** Background work: its failures go to the log, and a shutdown waits for work in progress. */
export class Background {
  readonly #logger: Logger;
  readonly #onFailure: (error: unknown) => void;
  readonly #underway = new Set<Promise<void>>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #closed = false;

  /** `onFailure` is called with every failure. */
  constructor(logger: Logger, onFailure: (error: unknown) => void) {
    this.#logger = logger;
    this.#onFailure = onFailure;
  }

  /** Starts the work now. */
  start(what: string, work: () => Promise<unknown>): void {
    const task = work().then(
      () => undefined,
      (error: unknown) => {
        this.#onFailure(error);
        if (!this.#closed) this.#logger.error({ error: messageOf(error), what }, `${what} failed`);
      },
    );
    this.#underway.add(task);
    void task.finally(() => this.#underway.delete(task));
  }

  /** Starts the work after a delay in milliseconds, unless the server closes first. Never keeps the process alive. */
  later(what: string, ms: number, work: () => Promise<unknown>): void {
    if (this.#closed) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.start(what, work);
    }, ms);
    timer.unref();
    this.#timers.add(timer);
  }

  /** Repeats the work with this delay in milliseconds after each end. */
  every(what: string, ms: number, work: () => Promise<unknown>): void {
    this.later(what, ms, () => work().finally(() => this.every(what, ms, work)));
  }

  /** Waits until nothing is in progress; delayed work does not count. */
  async idle(): Promise<void> {
    while (this.#underway.size > 0) await Promise.all(this.#underway);
  }

  /** Drops delayed work and waits for work in progress. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    await this.idle();
  }
}
