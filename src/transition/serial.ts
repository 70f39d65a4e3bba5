import pLimit, { type LimitFunction } from "p-limit";

/** Runs work with the same key one at a time, in order; work with different keys runs concurrently. */
export class Serial {
  readonly #turns = new Map<string, { readonly limit: LimitFunction; users: number }>();

  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const turns = this.#turns.get(key) ?? { limit: pLimit(1), users: 0 };
    this.#turns.set(key, turns);
    turns.users += 1;
    try {
      return await turns.limit(work);
    } finally {
      turns.users -= 1;
      if (turns.users === 0) this.#turns.delete(key);
    }
  }
}
