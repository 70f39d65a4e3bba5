/** About a second on a slow machine; the filters of real files use a thousandth of it. */
const filterWork = 50_000_000;

/** Thrown when filters exceed the budget. */
export class WorkExceeded extends Error {}

/**
 * The budget for the filters of one file for one event, in compared characters. Each match is quick for any pattern,
 * but a file has room for a hundred thousand patterns, an event for ten thousand paths, and a matrix decides every step
 * again.
 */
export class Work {
  #left: number;

  constructor(most = filterWork) {
    this.#left = most;
  }

  /** Throws `WorkExceeded` if it exceeds the remaining budget. */
  spend(amount: number): void {
    this.#left -= amount;
    if (this.#left < 0) throw new WorkExceeded("the filters need too much work");
  }
}
