/** About a second on a slow machine; the filters of real files take a thousandth of it. */
const filterWork = 50_000_000;

/** Thrown when filters compare more than they may. */
export class TooMuchWork extends Error {}

/**
 * What the filters of one file may compare for one event, in characters looked at. Each match is quick whatever its
 * pattern, but a file has room for a hundred thousand patterns, an event for ten thousand paths, and a matrix decides
 * every step anew.
 */
export class Work {
  #left: number;

  constructor(most = filterWork) {
    this.#left = most;
  }

  /** Throws a TooMuchWork when it is more than what is left. */
  spend(amount: number): void {
    this.#left -= amount;
    if (this.#left < 0) throw new TooMuchWork("the filters compare too much");
  }
}
