/** How much a reader takes at most: rows, and bytes of them together. */
export interface Most {
  readonly rows: number;
  readonly bytes: number;
}

/** The newest rows that fit, oldest first, and whether there are others. */
export interface Newest<T> {
  readonly rows: readonly T[];
  readonly more: boolean;
}
