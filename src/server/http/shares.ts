import { SluiceError } from "../../model/index.ts";

export interface ShareLimits {
  /** What is shared, in the plural, for messages. */
  readonly what: string;
  /** All holders together. */
  readonly total: number;
  /** One holder alone: far less than all, so that nobody can lock the others out. */
  readonly each: number;
}

interface Waiting {
  readonly holder: string;
  /** Ends the wait, with a place or without. */
  readonly end: (place: (() => void) | undefined) => void;
}

/**
 * Places of which there are few, shared out between those who ask: by token (a session counts as the token that opened
 * it), for a job by its repository. Whoever waits is served first come first served, as far as their own share allows.
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

  /** Places that are taken. */
  get size(): number {
    return this.#total;
  }

  /** How many were refused since the start. */
  get refused(): number {
    return this.#refused;
  }

  /** Takes a place and answers with what gives it back. Throws `rate-limited` when the holder's share is used up, `unavailable` when all is. */
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

  /** As `take`, but waits for a place, no longer than so many milliseconds or until the signal; then rejects as `take` throws. */
  async wait(holder: string, ms: number, signal: AbortSignal): Promise<() => void> {
    const crowd = [...this.#waiting].filter((each) => each.holder === holder).length;
    if (this.#isFree(holder) || signal.aborted || crowd >= this.#limits.total) return this.take(holder);
    const { promise, resolve } = Promise.withResolvers<(() => void) | undefined>();
    const waiting: Waiting = { holder, end: resolve };
    this.#waiting.add(waiting);
    // Out of the queue at once: a place that came before this function goes on would be nobody's, and lost for good.
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
      // It has the place from here on, before anybody else can ask.
      waiting.end(this.#grant(waiting.holder));
      return;
    }
  }

  #refusal(holder: string): SluiceError {
    this.#refused += 1;
    const { what, each, total } = this.#limits;
    if (this.#heldBy(holder) >= each)
      return new SluiceError("rate-limited", `You have ${each} ${what} open; that is one token's share.`, {
        help: "Close some of them, or wait as long as Retry-After says.",
      });
    return new SluiceError("unavailable", `All ${total} ${what} that this server allows are open.`);
  }
}

/** Each connection of a git client costs a process, or several: as many at once as this, and a quarter for each token. */
export function gitPlaces(): Shares {
  return new Shares({ what: "git connections", total: 64, each: 16 });
}
