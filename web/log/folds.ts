/** A folded group: its heading stays, the lines after it up to and including `end` are hidden. Lines count from 1. */
export interface Fold {
  readonly head: number;
  readonly end: number;
}

/** Maps lines to rows of the view when groups are folded. Rows count from 0, lines from 1. */
export class Folds {
  readonly #folds: readonly Fold[];
  /** Number of hidden lines before and in each fold. */
  readonly #hidden: readonly number[];

  /** Folds inside other folds are covered by them. */
  constructor(folds: readonly Fold[]) {
    const outer: Fold[] = [];
    for (const fold of folds.toSorted((a, b) => a.head - b.head || b.end - a.end)) {
      if (fold.end > fold.head && fold.head > (outer.at(-1)?.end ?? 0)) outer.push(fold);
    }
    this.#folds = outer;
    let hidden = 0;
    this.#hidden = outer.map((fold) => (hidden += fold.end - fold.head));
  }

  /** The number of rows for `total` lines. */
  rows(total: number): number {
    return total - this.#folds.reduce((sum, fold) => sum + Math.max(0, Math.min(fold.end, total) - fold.head), 0);
  }

  line(row: number): number {
    // The last fold whose heading is above the row: everything hidden by it and by those before it is skipped.
    let low = 0;
    let high = this.#folds.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const fold = this.#folds[middle];
      const headRow = fold === undefined ? Infinity : fold.head - 1 - (this.#hidden[middle - 1] ?? 0);
      if (headRow < row) low = middle + 1;
      else high = middle;
    }
    return row + 1 + (low === 0 ? 0 : (this.#hidden[low - 1] ?? 0));
  }

  /** The row of a line; for a hidden line, the row of its group's heading. */
  row(line: number): number {
    let hidden = 0;
    for (const fold of this.#folds) {
      if (fold.head >= line) break;
      if (line <= fold.end) return fold.head - 1 - hidden;
      hidden += fold.end - fold.head;
    }
    return line - 1 - hidden;
  }

  has(head: number): boolean {
    return this.#folds.some((fold) => fold.head === head);
  }
}

/** Pairs headings with their ends. Groups do not nest in logs: a heading ends the previous group. */
export function groupsOf(heads: readonly number[], ends: readonly number[], total: number): Fold[] {
  const sorted = heads.toSorted((a, b) => a - b);
  const closers = ends.toSorted((a, b) => a - b);
  let at = 0;
  return sorted.map((head, index) => {
    const limit = (sorted[index + 1] ?? total + 1) - 1;
    while (at < closers.length && (closers[at] ?? 0) <= head) at += 1;
    const end = closers[at];
    return { head, end: end !== undefined && end <= limit ? end : limit };
  });
}
