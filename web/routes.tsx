import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext, createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { nowQuery, repositoriesQuery, runnersQuery, runQuery, schedulesQuery } from "./api/queries.ts";
import { NowPage } from "./now/now.tsx";
import { RunPage } from "./run/run.tsx";
import { readFilter } from "./runs/filter.ts";
import { RunsPage } from "./runs/runs.tsx";
import { Shell } from "./shell/shell.tsx";
import { Broken, Missing } from "./shell/missing.tsx";

const root = createRootRouteWithContext<{ client: QueryClient }>()({
  component: Shell,
  notFoundComponent: Missing,
  errorComponent: Broken,
});

/*
 * A loader starts the first request while a page's code is loading. Pages show their own errors, so a loader never
 * waits and never fails.
 */
const now = createRoute({
  getParentRoute: () => root,
  path: "/",
  loader: ({ context }) => void context.client.prefetchQuery(nowQuery),
  component: NowPage,
});

const runs = createRoute({
  getParentRoute: () => root,
  path: "/runs",
  validateSearch: readFilter,
  component: RunsPage,
});

/** How a table is sorted; an unknown column counts as none. */
const readOrder = (search: Record<string, unknown>): { sort?: string } =>
  typeof search.sort === "string" ? { sort: search.sort.slice(0, 40) } : {};

const run = createRoute({
  getParentRoute: () => root,
  path: "/runs/$run",
  validateSearch: readOrder,
  loader: ({ context, params }) => void context.client.prefetchQuery(runQuery(params.run)),
  component: RunPage,
});

const job = createRoute({
  getParentRoute: () => root,
  path: "/runs/$run/jobs/$job",
  loader: ({ context, params }) => void context.client.prefetchQuery(runQuery(params.run)),
  component: lazyRouteComponent(() => import("./job/job.tsx"), "JobPage"),
});

const repositories = createRoute({
  getParentRoute: () => root,
  path: "/repositories",
  validateSearch: readOrder,
  loader: ({ context }) => void context.client.prefetchQuery(repositoriesQuery),
  component: lazyRouteComponent(() => import("./repositories/repositories.tsx"), "RepositoriesPage"),
});

const runners = createRoute({
  getParentRoute: () => root,
  path: "/runners",
  validateSearch: readOrder,
  loader: ({ context }) => void context.client.prefetchQuery(runnersQuery),
  component: lazyRouteComponent(() => import("./runners/runners.tsx"), "RunnersPage"),
});

const schedules = createRoute({
  getParentRoute: () => root,
  path: "/schedules",
  validateSearch: readOrder,
  loader: ({ context }) => void context.client.prefetchQuery(schedulesQuery),
  component: lazyRouteComponent(() => import("./schedules/schedules.tsx"), "SchedulesPage"),
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: (search: Record<string, unknown>): { back?: string } =>
    typeof search.back === "string" ? { back: search.back } : {},
  component: lazyRouteComponent(() => import("./session/sign-in.tsx"), "SignInPage"),
});

export const routes = root.addChildren([now, runs, run, job, repositories, schedules, runners, signIn]);
