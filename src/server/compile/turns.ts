/**
 * Runs several pieces of work at once: never two with the same key, and keys in turn, so that nobody waits behind
 * another's queue.
 */
export class Turns {
  #free: number;
  readonly #running = new Set<string>();
  /** In the order of their turns: a key that had one goes to the end. */
  readonly #waiting = new Map<string, (() => void)[]>();

  constructor(most: number) {
    this.#free = most;
  }

  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    await new Promise<void>((resolve) => {
      const queue = this.#waiting.get(key);
      if (queue === undefined) this.#waiting.set(key, [resolve]);
      else queue.push(resolve);
      this.#next();
    });
    try {
      return await work();
    } finally {
      this.#free += 1;
      this.#running.delete(key);
      this.#toTheEnd(key);
      this.#next();
    }
  }

  #toTheEnd(key: string): void {
    const queue = this.#waiting.get(key);
    if (queue === undefined) return;
    this.#waiting.delete(key);
    this.#waiting.set(key, queue);
  }

  #next(): void {
    for (const [key, queue] of this.#waiting) {
      if (this.#free === 0) return;
      if (this.#running.has(key)) continue;
      const first = queue.shift();
      if (queue.length === 0) this.#waiting.delete(key);
      this.#running.add(key);
      this.#free -= 1;
      first?.();
    }
  }
}
