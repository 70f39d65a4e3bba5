import { messageOf } from "../../model/index.ts";
import type { Logger } from "./options.ts";

/** Work that nobody waits for: its failures go to the log, and a shutdown waits for what is under way. */
export class Background {
  readonly #logger: Logger;
  readonly #trouble: (error: unknown) => void;
  readonly #underway = new Set<Promise<void>>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #closed = false;

  /** `trouble` hears of every failure. */
  constructor(logger: Logger, trouble: (error: unknown) => void) {
    this.#logger = logger;
    this.#trouble = trouble;
  }

  /** Starts the work now. */
  start(what: string, work: () => Promise<unknown>): void {
    const task = work().then(
      () => undefined,
      (error: unknown) => {
        this.#trouble(error);
        if (!this.#closed) this.#logger.error({ error: messageOf(error), what }, `${what} failed`);
      },
    );
    this.#underway.add(task);
    void task.finally(() => this.#underway.delete(task));
  }

  /** Starts the work after so many milliseconds, unless the room is closed before. Never keeps the process alive. */
  later(what: string, ms: number, work: () => Promise<unknown>): void {
    if (this.#closed) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.start(what, work);
    }, ms);
    timer.unref();
    this.#timers.add(timer);
  }

  /** Does the work again and again, so many milliseconds after its last end. */
  every(what: string, ms: number, work: () => Promise<unknown>): void {
    this.later(what, ms, () => work().finally(() => this.every(what, ms, work)));
  }

  /** Waits until nothing is under way; what is planned for later does not count. */
  async idle(): Promise<void> {
    while (this.#underway.size > 0) await Promise.all(this.#underway);
  }

  /** Drops what is planned and waits for what is under way. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    await this.idle();
  }
}
