import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { repositoriesQuery, runsQuery } from "../api/queries.ts";
import type { RunFilter } from "../api/types.ts";
import { Empty, Loading, Trouble } from "../parts/notice.tsx";
import { useShortcut } from "../parts/shortcut.ts";
import { readSort, writeSort } from "../parts/sort.ts";
import { PushHint } from "../repositories/push-hint.tsx";
import { Page } from "../shell/page.tsx";
import { runColumns, statuses } from "./filter.ts";
import { RunTable } from "./run-table.tsx";

/** All runs, newest first; the filters are stored in the address. */
export function RunsPage() {
  const { sort: order, ...filter } = useSearch({ from: "/runs" });
  const sort = readSort(order, runColumns);
  const navigate = useNavigate();
  const runs = useInfiniteQuery(runsQuery(filter));
  const list = runs.data?.pages.flatMap((page) => page.runs) ?? [];
  const filtered = Object.keys(filter).length > 0;
  return (
    <Page title="Runs" aside={<Filters filter={filter} order={order} />}>
      {runs.error && <Trouble error={runs.error} retry={() => void runs.refetch()} />}
      {runs.isPending && <Loading rows={12} />}
      {runs.data &&
        list.length === 0 &&
        (!filtered ? (
          <PushHint title="No runs yet." />
        ) : isOnly(filter, "repository") ? (
          <NeverRan name={filter.repository} />
        ) : (
          <NoMatch />
        ))}
      {list.length > 0 && (
        <RunTable
          label="Runs"
          runs={list}
          sort={sort}
          onSort={(next) =>
            void navigate({
              to: "/runs",
              search: { ...filter, ...(next && { sort: writeSort(next) }) },
              replace: true,
              resetScroll: false,
            })
          }
        />
      )}
      {runs.hasNextPage && (
        <p className="mt-4 flex items-center gap-3 text-sm text-muted">
          <button
            type="button"
            className="button"
            disabled={runs.isFetchingNextPage}
            onClick={() => void runs.fetchNextPage()}
          >
            {runs.isFetchingNextPage ? "Loading older runs" : "Older runs"}
          </button>
          {sort && `Sorting covers the newest ${list.length} runs.`}
        </p>
      )}
    </Page>
  );
}

function isOnly(filter: RunFilter, key: keyof RunFilter): boolean {
  return Object.keys(filter).every((each) => each === key);
}

function NeverRan({ name }: { name: string | undefined }) {
  const known = useQuery(repositoriesQuery).data?.find((repository) => repository.name === name);
  return known ? <PushHint title={`${known.name} has no runs yet.`} address={known.cloneUrl} /> : <NoMatch />;
}

function NoMatch() {
  const navigate = useNavigate();
  return (
    <Empty title="No run matches these filters.">
      <button type="button" className="button" onClick={() => void navigate({ to: "/runs", search: {} })}>
        Show all runs
      </button>
    </Empty>
  );
}

function Filters({ filter, order }: { filter: RunFilter; order: string | undefined }) {
  const navigate = useNavigate();
  const repositories = useQuery(repositoriesQuery).data ?? [];
  const names = repositories.map((repository) => repository.name);
  const set = (change: { [K in keyof RunFilter]?: string | undefined }, replace = false): void => {
    const next = { ...filter, ...(order !== undefined && { sort: order }), ...change };
    const search = Object.fromEntries(
      Object.entries(next).filter(([, value]) => value !== undefined && value !== ""),
    ) as RunFilter;
    void navigate({ to: "/runs", search, replace, resetScroll: false });
  };
  return (
    <>
      <SearchField value={filter.text ?? ""} onChange={(text) => set({ text }, true)} />
      <select
        className="field max-w-48"
        aria-label="Repository"
        value={filter.repository ?? ""}
        onChange={(event) => set({ repository: event.target.value })}
      >
        <option value="">all repositories</option>
        {(filter.repository === undefined || names.includes(filter.repository)
          ? names
          : [filter.repository, ...names]
        ).map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
      <select
        className="field"
        aria-label="State"
        value={filter.status ?? ""}
        onChange={(event) => set({ status: event.target.value })}
      >
        <option value="">any state</option>
        {statuses.map((status) => (
          <option key={status}>{status}</option>
        ))}
      </select>
    </>
  );
}

/** Updates the address shortly after the reader stops typing. */
function SearchField({ value, onChange }: { value: string; onChange: (text: string) => void }) {
  const [text, setText] = useState(value);
  const input = useRef<HTMLInputElement>(null);
  const sent = useRef(value);
  const latest = useRef(onChange);
  useEffect(() => {
    latest.current = onChange;
  });
  useEffect(() => {
    // Back and forward change the address without the field.
    // oxlint-disable-next-line react/set-state-in-effect
    if (value !== sent.current) setText(value);
    sent.current = value;
  }, [value]);
  useEffect(() => {
    if (text === sent.current) return;
    const timer = setTimeout(() => {
      sent.current = text;
      latest.current(text);
    }, 200);
    return () => clearTimeout(timer);
  }, [text]);
  useShortcut("/", () => input.current?.focus());
  return (
    <input
      ref={input}
      type="search"
      className="field w-full sm:w-56"
      placeholder="Title, ref, commit, #12"
      aria-label="Search runs"
      value={text}
      onChange={(event) => setText(event.target.value)}
    />
  );
}
