import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import { overtake } from "./overtaken.ts";
import { asksForMore, type EventOf, knows, patchDetail, patchNow, patchRun, type RunEvent } from "./patch.ts";
import { keys } from "./queries.ts";
import { Staleness } from "./staleness.ts";
import type { LiveEvent, Now, Run, RunDetail } from "./types.ts";

const RETRY = 3_000;
/** Events are collected for so many milliseconds and drawn together. */
const FRAME = 50;
/** Places in queues, runners and results are refetched at most this often while events come in, in milliseconds. */
const SLOW = 2_000;

/** Whether the page receives changes as they happen. */
export type Connection = "connecting" | "live" | "lost";

interface Listening {
  /** Goes on after this event. */
  readonly after: string;
  readonly onConnection: (state: Connection) => void;
  readonly signal: AbortSignal;
}

/**
 * Keeps the cache current by listening to the server's events, until the signal aborts. A hidden page closes its
 * connection (browsers allow six per host, across all tabs) and continues where it stopped when it is visible again.
 */
export function listen(client: QueryClient, { after, onConnection, signal }: Listening): void {
  let source: EventSource | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let last = after;
  const stale = new Staleness(client, signal);
  const batch = new Batch((events) => apply(events, client, stale), signal);

  const stop = (): void => {
    clearTimeout(retry);
    source?.close();
    source = undefined;
  };
  const take = (message: MessageEvent<string>): void => {
    last = message.lastEventId;
    batch.add(JSON.parse(message.data) as LiveEvent);
  };
  const start = (): void => {
    stop();
    source = new EventSource(`/api/v1/events?after=${encodeURIComponent(last)}`);
    source.addEventListener("open", () => onConnection("live"));
    source.addEventListener("error", () => {
      onConnection("lost");
      // The browser reconnects a broken connection itself, but not one that got an error response.
      if (source?.readyState === EventSource.CLOSED) retry = setTimeout(start, RETRY);
    });
    for (const name of ["run", "job", "step", "log", "results", "runner", "repository", "schedule", "notice"])
      source.addEventListener(name, take);
    source.addEventListener("resync", () => stale.everything());
  };
  const onVisibility = (): void => {
    if (document.visibilityState === "hidden") stop();
    else if (!source) start();
  };

  document.addEventListener("visibilitychange", onVisibility, { signal });
  signal.addEventListener("abort", stop);
  start();
}

class Batch {
  readonly #apply: (events: readonly LiveEvent[]) => void;
  #events: LiveEvent[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(apply: (events: readonly LiveEvent[]) => void, signal: AbortSignal) {
    this.#apply = apply;
    signal.addEventListener("abort", () => clearTimeout(this.#timer));
  }

  add(event: LiveEvent): void {
    if (isRunEvent(event)) overtake(event);
    this.#events.push(event);
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#apply(this.#events.splice(0));
    }, FRAME);
  }
}

function isRunEvent(event: LiveEvent): event is RunEvent {
  return event.type === "run" || event.type === "job" || event.type === "step" || event.type === "log";
}

function apply(events: readonly LiveEvent[], client: QueryClient, stale: Staleness): void {
  const ofRuns = events.filter(isRunEvent);
  for (const run of new Set(ofRuns.map((event) => event.run))) {
    const its = ofRuns.filter((event) => event.run === run);
    applyToRun(run, its, client, stale);
  }
  for (const event of events) markOthers(event, client, stale);
}

/** All of the events are about this run. */
function applyToRun(id: string, events: readonly RunEvent[], client: QueryClient, stale: Staleness): void {
  const key = keys.run(id);
  const run = client.getQueryData<RunDetail>(key);
  if (run === undefined) return;
  patch<RunDetail>(client, key, (data) => events.reduce(patchDetail, data));
  for (const event of events) {
    if (!knows(run, event) || (event.type === "job" && event.newest === false)) stale.mark(key);
    else if ((event.type === "run" || event.type === "job") && asksForMore(event)) stale.mark(key, SLOW);
  }
  // What no event has, such as outputs.
  if (events.some((event) => event.type === "run" && event.finishedAt !== undefined)) stale.mark(key);
}

/** Changes data that is cached. Data that is known to be stale stays so: patching would call it fresh. */
function patch<T>(client: QueryClient, key: readonly unknown[], change: (data: T) => T): void {
  const state = client.getQueryState<T>(key);
  if (state?.data === undefined || (state.isInvalidated && state.fetchStatus === "idle")) return;
  const data = change(state.data);
  if (data !== state.data) client.setQueryData<T>(key, data, { updatedAt: state.dataUpdatedAt });
}

/** Everything besides the run's own page. */
function markOthers(event: LiveEvent, client: QueryClient, stale: Staleness): void {
  switch (event.type) {
    case "run":
      applyToLists(event, client, stale);
      stale.mark(keys.repositories);
      stale.mark(keys.schedules);
      return;
    case "job":
      // Queued jobs and busy runners.
      stale.mark(keys.now, SLOW);
      stale.mark(keys.runners, SLOW);
      return;
    case "step":
    case "log":
      return;
    case "results":
      stale.mark(keys.run(event.run), SLOW);
      return;
    case "runner":
      stale.mark(keys.runners);
      stale.mark(keys.now);
      return;
    case "schedule":
      stale.mark(keys.schedules);
      return;
    case "notice":
      stale.mark(keys.now);
      return;
    case "repository":
      stale.mark(keys.repositories);
      stale.mark(keys.schedules);
  }
}

function applyToLists(event: EventOf<"run">, client: QueryClient, stale: Staleness): void {
  const now = client.getQueryData<Now>(keys.now);
  if (now === undefined || patchNow(now, event) === undefined) stale.mark(keys.now);
  else patch<Now>(client, keys.now, (data) => patchNow(data, event) ?? data);
  for (const query of client.getQueryCache().findAll({ queryKey: keys.runs }))
    patch<Lists>(client, query.queryKey, (data) => ({
      ...data,
      pages: data.pages.map((page) => ({ ...page, runs: page.runs.map((run) => patchRun(run, event)) })),
    }));
  // It may be new, belong to another filter now, or wait for something.
  stale.mark(keys.runs);
}

type Lists = InfiniteData<{ readonly runs: readonly Run[] }>;
