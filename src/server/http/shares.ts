import { SluiceError } from "../../model/index.ts";

export interface ShareLimits {
  /** What is shared, in the plural, for messages. */
  readonly what: string;
  /** The total for all holders. */
  readonly total: number;
  /** One holder's share: far less than the total, so that nobody can lock the others out. */
  readonly each: number;
}

interface Waiting {
  readonly holder: string;
  /** Ends the wait, with or without a slot. */
  readonly end: (place: (() => void) | undefined) => void;
}

/**
 * A limited number of slots, shared between clients: by token (a session counts as the token that opened it), for a job
 * by its repository. Waiting clients are served first come first served, within their own share.
 */
export class Shares {
  readonly #limits: ShareLimits;
  readonly #held = new Map<string, number>();
  readonly #waiting = new Set<Waiting>();
  #total = 0;
  #refused = 0;

  constructor(limits: ShareLimits) {
    this.#limits = limits;
  }

  /** Slots in use. */
  get size(): number {
    return this.#total;
  }

  /** Refusals since the start. */
  get refused(): number {
    return this.#refused;
  }

  /**
   * Takes a slot and returns a function that releases it. Throws `rate-limited` if the holder's share is used up,
   * `unavailable` if all slots are in use.
   */
  take(holder: string): () => void {
    if (!this.#isFree(holder)) throw this.#refusal(holder);
    return this.#grant(holder);
  }

  #grant(holder: string): () => void {
    this.#held.set(holder, this.#heldBy(holder) + 1);
    this.#total += 1;
    let given = false;
    return () => {
      if (given) return;
      given = true;
      this.#giveBack(holder);
    };
  }

  /**
   * Like `take`, but waits for a slot, at most this many milliseconds or until the signal; then rejects as `take`
   * throws.
   */
  async wait(holder: string, ms: number, signal: AbortSignal): Promise<() => void> {
    const crowd = [...this.#waiting].filter((each) => each.holder === holder).length;
    if (this.#isFree(holder) || signal.aborted || crowd >= this.#limits.total) return this.take(holder);
    const { promise, resolve } = Promise.withResolvers<(() => void) | undefined>();
    const waiting: Waiting = { holder, end: resolve };
    this.#waiting.add(waiting);
    // Leaves the queue at once: a slot granted before this function continues would belong to nobody and be lost.
    const giveUp = (): void => {
      this.#waiting.delete(waiting);
      resolve(undefined);
    };
    const timer = setTimeout(giveUp, ms);
    signal.addEventListener("abort", giveUp, { once: true });
    const place = await promise;
    clearTimeout(timer);
    signal.removeEventListener("abort", giveUp);
    if (place === undefined) throw this.#refusal(holder);
    return place;
  }

  #heldBy(holder: string): number {
    return this.#held.get(holder) ?? 0;
  }

  #isFree(holder: string): boolean {
    return this.#total < this.#limits.total && this.#heldBy(holder) < this.#limits.each;
  }

  #giveBack(holder: string): void {
    const left = this.#heldBy(holder) - 1;
    if (left > 0) this.#held.set(holder, left);
    else this.#held.delete(holder);
    this.#total -= 1;
    for (const waiting of this.#waiting) {
      if (!this.#isFree(waiting.holder)) continue;
      this.#waiting.delete(waiting);
      // It holds the slot from here on, before anyone else can ask.
      waiting.end(this.#grant(waiting.holder));
      return;
    }
  }

  #refusal(holder: string): SluiceError {
    this.#refused += 1;
    const { what, each, total } = this.#limits;
    if (this.#heldBy(holder) >= each)
      return new SluiceError("rate-limited", `You have ${each} ${what} open, the limit for one token.`, {
        help: "Close some of them, or wait for the time in Retry-After.",
      });
    return new SluiceError("unavailable", `All ${total} ${what} of this server are in use.`);
  }
}

/** Each connection of a git client costs one or more processes: this many at once, and a quarter of them per token. */
export function gitPlaces(): Shares {
  return new Shares({ what: "git connections", total: 64, each: 16 });
}
