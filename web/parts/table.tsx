import type { ReactNode } from "react";
import { nextSort, type Sort } from "./sort.ts";

/** A column's heading. `sort` names it in the address; without one the column cannot be sorted. */
export interface Column<Name extends string> {
  readonly title: string;
  readonly sort?: Name;
  /** Numbers and times: the first click puts the largest first. */
  readonly downFirst?: boolean;
  /** Values and heading are aligned right. */
  readonly end?: boolean;
  /** Placement of the heading, matching its column. */
  readonly className?: string;
  /** Shown instead of the title, for sighted readers. */
  readonly content?: ReactNode;
  /** The heading is for screen readers only. */
  readonly silent?: boolean;
}

interface TableProps<Name extends string> {
  readonly label: string;
  /** The grid shared by headings and rows. */
  readonly grid: string;
  readonly columns: readonly Column<Name>[];
  readonly sort: Sort<Name> | undefined;
  /** Absent if the order carries meaning: then the headings are for screen readers only. */
  readonly onSort?: (sort: Sort<Name> | undefined) => void;
  /** Few enough rows that a phone needs no sort field. */
  readonly few?: boolean;
  readonly children: ReactNode;
}

/** Rows under sortable headings. On a phone one field replaces the headings. */
export function Table<Name extends string>({
  label,
  grid,
  columns,
  sort,
  onSort,
  few = false,
  children,
}: TableProps<Name>) {
  return (
    <>
      {onSort && !few && <SortField columns={columns} sort={sort} onSort={onSort} />}
      <table aria-label={label} className="block">
        <thead className={onSort ? "block max-md:sr-only" : "sr-only"}>
          <tr className={`${grid} min-h-8! border-b border-edge py-0!`}>
            {columns.map((column) => (
              <Heading key={column.title} column={column} sort={sort} {...(onSort && { onSort })} />
            ))}
          </tr>
        </thead>
        <tbody className={`block ${onSort ? "max-md:border-t max-md:border-edge" : ""}`}>{children}</tbody>
      </table>
    </>
  );
}

function Heading<Name extends string>({
  column,
  sort,
  onSort,
}: {
  column: Column<Name>;
  sort: Sort<Name> | undefined;
  onSort?: (sort: Sort<Name> | undefined) => void;
}) {
  const { title, sort: by, downFirst = false, end = false, className = "", silent = false } = column;
  const active = by !== undefined && sort?.by === by;
  const order = active ? (sort.down ? "descending" : "ascending") : "none";
  return (
    <th
      scope="col"
      aria-sort={by !== undefined && onSort ? order : undefined}
      className={`text-xs font-normal text-muted ${end ? "text-right" : "text-left"} ${className}`}
    >
      {by !== undefined && onSort && !silent ? (
        <button
          type="button"
          className={`group inline-flex h-8 items-center gap-1 hover:text-ink ${end ? "flex-row-reverse" : ""} ${active ? "font-medium text-ink" : ""}`}
          onClick={() => onSort(nextSort(sort, by, downFirst))}
        >
          {title}
          <svg
            width="8"
            height="8"
            viewBox="0 0 8 8"
            aria-hidden="true"
            className={active ? "" : "opacity-0 group-hover:opacity-60 group-focus-visible:opacity-60"}
          >
            <path
              d={(active ? sort.down : downFirst) ? "M1 2.5l3 3 3-3" : "M1 5.5l3-3 3 3"}
              fill="none"
              stroke="currentColor"
              strokeWidth="1.5"
            />
          </svg>
        </button>
      ) : (
        <>
          <span className={silent || column.content !== undefined ? "sr-only" : ""}>{title}</span>
          {column.content !== undefined && <span aria-hidden="true">{column.content}</span>}
        </>
      )}
    </th>
  );
}

function SortField<Name extends string>({
  columns,
  sort,
  onSort,
}: {
  columns: readonly Column<Name>[];
  sort: Sort<Name> | undefined;
  onSort: (sort: Sort<Name> | undefined) => void;
}) {
  const choices = columns.flatMap(({ sort: by, title, downFirst = false }) =>
    by === undefined
      ? []
      : [
          { by, title, down: downFirst },
          { by, title, down: !downFirst },
        ],
  );
  const at = choices.findIndex(({ by, down }) => by === sort?.by && down === sort.down);
  return (
    <div className="mb-2 flex items-center gap-2 text-sm text-muted md:hidden">
      <span aria-hidden="true">Sort</span>
      <select
        className="field flex-1"
        aria-label="Sort"
        value={at}
        onChange={(event) => onSort(choices[Number(event.target.value)])}
      >
        <option value={-1}>default order</option>
        {choices.map(({ by, title, down }, index) => (
          <option key={`${by} ${String(down)}`} value={index}>
            {title}, {down ? "descending" : "ascending"}
          </option>
        ))}
      </select>
    </div>
  );
}
