/** How a table is sorted: by a column, upwards or downwards. In an address it is `took` or `-took`. */
export interface Sort<Column extends string> {
  readonly by: Column;
  readonly down: boolean;
}

/** Reads it from an address; what it does not know counts as none. */
export function readSort<Column extends string>(value: unknown, columns: readonly Column[]): Sort<Column> | undefined {
  if (typeof value !== "string") return undefined;
  const by = columns.find((column) => column === value.replace(/^-/, ""));
  return by === undefined ? undefined : { by, down: value.startsWith("-") };
}

export function writeSort({ by, down }: Sort<string>): string {
  return down ? `-${by}` : by;
}

/** What a click on a column's heading makes of it: down first where the large is what is sought, then the other way, then the table's own order. */
export function nextSort<Column extends string>(
  sort: Sort<Column> | undefined,
  by: Column,
  downFirst: boolean,
): Sort<Column> | undefined {
  if (sort?.by !== by) return { by, down: downFirst };
  return sort.down === downFirst ? { by, down: !downFirst } : undefined;
}

/** What a row is sorted by; rows without it come last, whichever way. */
export type SortKey = string | number | undefined;

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** The rows in order; those that are equal keep theirs. */
export function sorted<Row>(rows: readonly Row[], key: (row: Row) => SortKey, down: boolean): Row[] {
  return rows.toSorted((left, right) => {
    const a = key(left);
    const b = key(right);
    if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
    const order = typeof a === "number" && typeof b === "number" ? a - b : collator.compare(String(a), String(b));
    return down ? -order : order;
  });
}
