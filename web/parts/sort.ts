/** How a table is sorted: by a column, ascending or descending. In an address it is `took` or `-took`. */
export interface Sort<Column extends string> {
  readonly by: Column;
  readonly down: boolean;
}

/** Reads it from an address; an unknown value counts as none. */
export function readSort<Column extends string>(value: unknown, columns: readonly Column[]): Sort<Column> | undefined {
  if (typeof value !== "string") return undefined;
  const by = columns.find((column) => column === value.replace(/^-/, ""));
  return by === undefined ? undefined : { by, down: value.startsWith("-") };
}

export function writeSort({ by, down }: Sort<string>): string {
  return down ? `-${by}` : by;
}

/**
 * The sorting after a click on a column's heading: descending first where large values matter, then the other
 * direction, then the table's default.
 */
export function nextSort<Column extends string>(
  sort: Sort<Column> | undefined,
  by: Column,
  downFirst: boolean,
): Sort<Column> | undefined {
  if (sort?.by !== by) return { by, down: downFirst };
  return sort.down === downFirst ? { by, down: !downFirst } : undefined;
}

/** The value a row is sorted by; rows without one come last in both directions. */
export type SortKey = string | number | undefined;

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** The sorted rows; equal rows keep their order. */
export function sorted<Row>(rows: readonly Row[], key: (row: Row) => SortKey, down: boolean): Row[] {
  return rows.toSorted((left, right) => {
    const a = key(left);
    const b = key(right);
    if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
    const order = typeof a === "number" && typeof b === "number" ? a - b : collator.compare(String(a), String(b));
    return down ? -order : order;
  });
}
