import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { repositoriesQuery, sessionQuery } from "../api/queries.ts";
import type { Repository } from "../api/types.ts";
import { Copy } from "../parts/copy.tsx";
import type { SortKey } from "../parts/sort.ts";
import type { Column } from "../parts/table.tsx";
import { Ago } from "../parts/time.tsx";
import { ListPage } from "../shell/list-page.tsx";
import { Glyph } from "../state/glyph.tsx";
import { urgency } from "../state/state.ts";
import { Dispatch } from "./dispatch.tsx";
import { PushHint } from "./push-hint.tsx";

type Order = "state" | "name" | "ran" | "address";

const columns: readonly Column<Order>[] = [
  { title: "State", sort: "state", className: "max-lg:sr-only" },
  { title: "Repository", sort: "name" },
  { title: "Last run", className: "md:max-lg:col-start-3" },
  { title: "Started", sort: "ran", downFirst: true, end: true },
  { title: "Clone URL", sort: "address", className: "max-lg:hidden" },
  { title: "Start by hand", silent: true },
];

const sortKeys: Readonly<Record<Order, (repository: Repository) => SortKey>> = {
  state: ({ lastRun }) => lastRun && urgency(lastRun.status),
  name: ({ name }) => name,
  ran: ({ lastRun }) => lastRun && Date.parse(lastRun.createdAt),
  address: ({ cloneUrl }) => cloneUrl,
};

const grid =
  "relative grid min-h-9 grid-cols-[16px_minmax(0,1fr)_auto] items-center gap-x-3 px-1 py-1 md:grid-cols-[16px_minmax(0,1fr)_minmax(0,2fr)_72px_64px] lg:grid-cols-[88px_minmax(0,3fr)_minmax(0,5fr)_72px_minmax(0,4fr)_72px] lg:gap-x-4";

/** Every repository with the state of its last run. */
export function RepositoriesPage() {
  const repositories = useQuery(repositoriesQuery);
  const mayStart = useQuery(sessionQuery).data?.role !== "viewer";
  const [dispatching, setDispatching] = useState<Repository>();
  return (
    <ListPage
      title="Repositories"
      path="/repositories"
      query={repositories}
      items={repositories.data}
      columns={columns}
      sortKeys={sortKeys}
      grid={grid}
      room={6}
      empty={<PushHint title="No repositories yet." />}
      renderRow={(repository) => (
        <Row
          key={repository.id}
          repository={repository}
          mayStart={mayStart}
          onStart={() => setDispatching(repository)}
        />
      )}
    >
      {dispatching && <Dispatch repository={dispatching} onClose={() => setDispatching(undefined)} />}
    </ListPage>
  );
}

function Row({ repository, mayStart, onStart }: { repository: Repository; mayStart: boolean; onStart: () => void }) {
  const { name, cloneUrl, lastRun } = repository;
  return (
    <tr className={`${grid} row-line row-hover`}>
      <td className="flex">{lastRun ? <Glyph state={lastRun.status} word="wide" /> : <Never />}</td>
      <td className="min-w-0">
        <Link
          to="/runs"
          search={{ repository: name }}
          className="block truncate py-0.5 font-medium after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
        >
          {name}
        </Link>
      </td>
      <td className="flex min-w-0 gap-2 text-sm max-md:col-start-2 max-md:col-end-4 max-md:row-start-2">
        {lastRun ? (
          <>
            <Link
              to="/runs/$run"
              params={{ run: lastRun.id }}
              className="link relative z-10 shrink-0"
              aria-label={`run ${lastRun.number} of ${name}`}
            >
              run {lastRun.number}
            </Link>
            <span className="truncate text-muted">{lastRun.title}</span>
          </>
        ) : (
          <span className="text-faint">no runs yet</span>
        )}
      </td>
      <td className="text-right text-sm whitespace-nowrap text-muted max-md:hidden">
        {lastRun && <Ago at={lastRun.createdAt} />}
      </td>
      <td className="min-w-0 max-lg:hidden">
        <Copy
          text={cloneUrl}
          label="Clone URL"
          className="relative z-10 block max-w-full truncate py-1 text-xs! text-muted"
        />
      </td>
      <td className="text-right">
        <button
          type="button"
          className="tool relative z-10"
          disabled={!mayStart}
          aria-label={`Run a workflow of ${name}`}
          title={mayStart ? `Start a workflow of ${name} by hand` : "Your token is read-only."}
          onClick={onStart}
        >
          <svg width="10" height="10" viewBox="0 0 10 10" aria-hidden="true">
            <path d="M2.5 1.5v7l6-3.5z" fill="none" stroke="currentColor" strokeWidth="1.4" strokeLinejoin="round" />
          </svg>
          run
        </button>
      </td>
    </tr>
  );
}

/** A repository without runs has no state: a placeholder keeps the column aligned. */
function Never() {
  return (
    <span className="flex items-center gap-1.5 text-faint">
      <span aria-hidden="true" className="w-4 text-center">
        ·
      </span>
      <span className="text-sm max-lg:sr-only">no run</span>
    </span>
  );
}
