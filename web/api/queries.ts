import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api } from "./client.ts";
import { fetchRun } from "./overtaken.ts";
import { RequestFailed } from "./problem.ts";
import type { RunFilter } from "./types.ts";

/*
 * What is cached under which key. Live events change it or mark it as stale (live.ts), so nothing polls while the page is
 * visible.
 * A hidden page has no event stream and polls its own data slowly, so that its title and favicon stay current.
 */
const watched = {
  refetchInterval: (query: { readonly state: { readonly error: Error | null } }): number | false =>
    document.visibilityState === "hidden" ? 15_000 : whileAway(query),
  refetchIntervalInBackground: true,
} as const;

/** How often to retry while the server is unavailable, in milliseconds; for every query. */
export function whileAway({ state: { error } }: { readonly state: { readonly error: Error | null } }): number | false {
  return error instanceof RequestFailed && isAway(error) ? 5_000 : false;
}

/** The server was not reached, or reports that it is unavailable. */
export function isAway({ status }: RequestFailed): boolean {
  return status === 0 || status >= 500;
}

export const keys = {
  session: ["session"],
  now: ["now"],
  runs: ["runs"],
  run: (id: string) => ["run", id],
  repositories: ["repositories"],
  runners: ["runners"],
  schedules: ["schedules"],
} as const;

export const sessionQuery = queryOptions({
  queryKey: keys.session,
  queryFn: ({ signal }) => api.session(signal),
  staleTime: 300_000,
});

export const nowQuery = queryOptions({ queryKey: keys.now, queryFn: ({ signal }) => api.now(signal), ...watched });

export const repositoriesQuery = queryOptions({
  queryKey: keys.repositories,
  queryFn: ({ signal }) => api.repositories(signal),
});

export const runnersQuery = queryOptions({
  queryKey: keys.runners,
  queryFn: ({ signal }) => api.runners(signal),
});

export const schedulesQuery = queryOptions({
  queryKey: keys.schedules,
  queryFn: ({ signal }) => api.schedules(signal),
});

export function runQuery(id: string) {
  return queryOptions({
    queryKey: keys.run(id),
    queryFn: ({ signal }) => fetchRun(id, () => api.run(id, signal)),
    ...watched,
  });
}

export function runsQuery(filter: RunFilter) {
  return infiniteQueryOptions({
    queryKey: [...keys.runs, filter],
    queryFn: ({ pageParam, signal }) =>
      api.runs({ ...filter, ...(pageParam !== undefined && { before: pageParam }), limit: 50 }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next,
  });
}
