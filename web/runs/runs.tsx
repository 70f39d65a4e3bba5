import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { repositoriesQuery, runsQuery } from "../api/queries.ts";
import type { RunFilter } from "../api/types.ts";
import { Empty, Loading, Trouble } from "../parts/notice.tsx";
import { useShortcut } from "../parts/shortcut.ts";
import { PushHint } from "../repositories/push-hint.tsx";
import { Page } from "../shell/page.tsx";
import { statuses } from "./filter.ts";
import { RunRow } from "./run-row.tsx";

/** All runs, newest first; the filters live in the address. */
export function RunsPage() {
  const filter = useSearch({ from: "/runs" });
  const runs = useInfiniteQuery(runsQuery(filter));
  const list = runs.data?.pages.flatMap((page) => page.runs) ?? [];
  const filtered = Object.keys(filter).length > 0;
  return (
    <Page title="Runs" aside={<Filters filter={filter} />}>
      {runs.error && <Trouble error={runs.error} retry={() => void runs.refetch()} />}
      {runs.isPending && <Loading rows={12} />}
      {runs.data && list.length === 0 && (filtered ? <NoMatch /> : <PushHint title="No runs yet." />)}
      {list.length > 0 && (
        <ul className="border-t border-edge">
          {list.map((run) => (
            <RunRow key={run.id} run={run} why={run.waitsFor && `waits for ${run.waitsFor}`} />
          ))}
        </ul>
      )}
      {runs.hasNextPage && (
        <button type="button" className="button mt-4" disabled={runs.isFetchingNextPage} onClick={() => void runs.fetchNextPage()}>
          {runs.isFetchingNextPage ? "Loading older runs" : "Older runs"}
        </button>
      )}
    </Page>
  );
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

function Filters({ filter }: { filter: RunFilter }) {
  const navigate = useNavigate();
  const repositories = useQuery(repositoriesQuery).data ?? [];
  const names = repositories.map((repository) => repository.name);
  const set = (change: { [K in keyof RunFilter]?: string | undefined }, replace = false): void => {
    const next = { ...filter, ...change };
    const search = Object.fromEntries(Object.entries(next).filter(([, value]) => value !== undefined && value !== "")) as RunFilter;
    void navigate({ to: "/runs", search, replace, resetScroll: false });
  };
  return (
    <>
      <SearchField value={filter.text ?? ""} onChange={(text) => set({ text }, true)} />
      <select className="field max-w-48" aria-label="Repository" value={filter.repository ?? ""} onChange={(event) => set({ repository: event.target.value })}>
        <option value="">all repositories</option>
        {(filter.repository === undefined || names.includes(filter.repository) ? names : [filter.repository, ...names]).map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
      <select className="field" aria-label="State" value={filter.status ?? ""} onChange={(event) => set({ status: event.target.value })}>
        <option value="">any state</option>
        {statuses.map((status) => (
          <option key={status}>{status}</option>
        ))}
      </select>
    </>
  );
}

/** Goes into the address a moment after the reader stopped typing. */
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
  return <input ref={input} type="search" className="field w-full sm:w-56" placeholder="Title, commit, author  /" aria-label="Search runs" value={text} onChange={(event) => setText(event.target.value)} />;
}
