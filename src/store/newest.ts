/** Limits of a reader: rows, and their total bytes. */
export interface Most {
  readonly rows: number;
  readonly bytes: number;
}

/** The newest rows that fit, oldest first, and whether there are more. */
export interface Newest<T> {
  readonly rows: readonly T[];
  readonly more: boolean;
}
