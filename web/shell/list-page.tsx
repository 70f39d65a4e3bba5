import { useNavigate, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Loading, Trouble } from "../parts/notice.tsx";
import { readSort, sorted, writeSort, type SortKey } from "../parts/sort.ts";
import { Table, type Column } from "../parts/table.tsx";
import { Page } from "./page.tsx";

interface ListPageProps<Item, Order extends string> {
  readonly title: string;
  /** The page's address, which keeps the sorting. */
  readonly path: "/repositories" | "/runners" | "/schedules";
  readonly query: { readonly error: Error | null; readonly isPending: boolean; readonly refetch: () => unknown };
  /** Undefined until the first response. */
  readonly items: readonly Item[] | undefined;
  readonly columns: readonly Column<Order>[];
  /** The value each column is sorted by. */
  readonly sortKeys: Readonly<Record<Order, (item: Item) => SortKey>>;
  /** The default sort column; without one the rows keep the server's order. */
  readonly first?: Order;
  /** The grid shared by headings and rows. */
  readonly grid: string;
  /** How many rows to reserve room for until the first response. */
  readonly room: number;
  /** The empty state: why, and what to do next. */
  readonly empty: ReactNode;
  readonly renderRow: (item: Item) => ReactNode;
  /** Content below the list. */
  readonly children?: ReactNode;
}

/** A page that is one list, sorted as its address says. */
export function ListPage<Item, Order extends string>({
  title,
  path,
  query,
  items,
  columns,
  sortKeys,
  first,
  grid,
  room,
  empty,
  renderRow,
  children,
}: ListPageProps<Item, Order>) {
  const navigate = useNavigate();
  const chosen = readSort(
    useSearch({ from: path }).sort,
    columns.flatMap(({ sort }) => sort ?? []),
  );
  const by = chosen?.by ?? first;
  return (
    <Page title={title}>
      {query.error && <Trouble error={query.error} retry={() => void query.refetch()} />}
      {query.isPending && <Loading rows={room} />}
      {items?.length === 0 && empty}
      {items !== undefined && items.length > 0 && (
        <Table
          label={title}
          grid={grid}
          columns={columns}
          sort={chosen}
          few={items.length < 3}
          onSort={(next) =>
            void navigate({
              to: path,
              search: next ? { sort: writeSort(next) } : {},
              replace: true,
              resetScroll: false,
            })
          }
        >
          {(by === undefined ? items : sorted(items, sortKeys[by], chosen?.down ?? false)).map((item) =>
            renderRow(item),
          )}
        </Table>
      )}
      {children}
    </Page>
  );
}
