import pLimit, { type LimitFunction } from "p-limit";

/** Lets work on the same key pass one at a time, in the order of asking; work on different keys runs side by side. */
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
