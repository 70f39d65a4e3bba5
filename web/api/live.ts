import type { QueryClient } from "@tanstack/react-query";
import { keys } from "./queries.ts";
import type { LiveEvent, RunDetail } from "./types.ts";

/** Changes come in bursts (a matrix starts 40 jobs): affected queries refetch at most this often, in milliseconds. */
const BEAT = 300;
const RETRY = 3_000;

/** Whether the page receives changes as they happen. */
export type Connection = "connecting" | "live" | "lost";

/**
 * Keeps the cache current by listening to the server's events, until the signal aborts. A hidden page closes its
 * connection (browsers allow six per host, across all tabs) and catches up when it is visible again.
 */
export function listen(client: QueryClient, onConnection: (state: Connection) => void, signal: AbortSignal): void {
  let source: EventSource | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let heard = false;
  const stale = staleness(client, signal);

  const stop = (): void => {
    clearTimeout(retry);
    source?.close();
    source = undefined;
  };
  const take = (message: MessageEvent<string>): void => apply(JSON.parse(message.data) as LiveEvent, client, stale);
  const start = (): void => {
    stop();
    source = new EventSource("/api/v1/events");
    source.addEventListener("open", () => {
      onConnection("live");
      // Anything may have happened between two connections.
      if (heard) stale.everything();
      heard = true;
    });
    source.addEventListener("error", () => {
      onConnection("lost");
      // The browser reconnects a broken connection itself, but not one that got an error response.
      if (source?.readyState === EventSource.CLOSED) retry = setTimeout(start, RETRY);
    });
    for (const name of ["message", "run", "job", "step", "log", "runner", "repository", "schedule", "notice"])
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

type Staleness = ReturnType<typeof staleness>;

function staleness(client: QueryClient, signal: AbortSignal) {
  const waiting = new Map<string, readonly unknown[]>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = (): void => {
    timer = undefined;
    for (const queryKey of waiting.values()) void client.invalidateQueries({ queryKey });
    waiting.clear();
  };
  signal.addEventListener("abort", () => clearTimeout(timer));
  return {
    mark(queryKey: readonly unknown[]): void {
      waiting.set(queryKey.join("/"), queryKey);
      timer ??= setTimeout(flush, BEAT);
    },
    everything(): void {
      void client.invalidateQueries();
    },
  };
}

function apply(event: LiveEvent, client: QueryClient, stale: Staleness): void {
  switch (event.type) {
    case "run":
      stale.mark(keys.run(event.run));
      stale.mark(keys.runs);
      stale.mark(keys.now);
      stale.mark(keys.repositories);
      stale.mark(keys.schedules);
      return;
    case "job":
      stale.mark(keys.run(event.run));
      stale.mark(keys.now);
      return;
    case "step":
      stale.mark(keys.run(event.run));
      return;
    case "log":
      // Only a count changes, and often: write it into the cache instead of refetching.
      client.setQueryData<RunDetail>(keys.run(event.run), (run) => run && withLogLength(run, event));
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

function withLogLength(run: RunDetail, event: Extract<LiveEvent, { type: "log" }>): RunDetail {
  const jobs = run.jobs.map((job) => {
    if (job.id !== event.job) return job;
    return {
      ...job,
      steps: job.steps.map((step) =>
        step.index === event.step ? { ...step, lines: event.lines, bytes: event.bytes } : step,
      ),
    };
  });
  return { ...run, jobs };
}
