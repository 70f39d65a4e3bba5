import createClient from "openapi-fetch";
import { problemOf, unreachable } from "./problem.ts";
import { readable } from "./readable.ts";
import type { paths } from "../../src/client/schema.ts";
import type { RunFilter } from "./types.ts";

const client = createClient<paths>({ baseUrl: "", credentials: "same-origin" });

interface Answer<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

/**
 * The response's content. Throws `RequestFailed` for an error response, or none. An aborted request rejects as fetch
 * does.
 */
async function content<T>(call: Promise<Answer<T>>, signal?: AbortSignal): Promise<T> {
  const { data, error, response } = await call.catch((reason: unknown) => {
    throw signal?.aborted === true ? reason : unreachable();
  });
  if (!response.ok) throw problemOf(response, error);
  // A response without content (204) has none in its type either.
  return readable(data) as T;
}

/** `signal` only if there is one: absent and undefined are not the same to a request. */
function until(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal ? { signal } : {};
}

const logRoute = "/api/v1/jobs/{job}/steps/{step}/log";

/** The URL of a step's log; `job` is the id of one attempt. */
export function logAddress(job: string, step: number, part: "raw" | "stream"): string {
  return `/api/v1/jobs/${encodeURIComponent(job)}/steps/${step}/log/${part}`;
}

export function artifactAddress(id: string): string {
  return `/api/v1/artifacts/${encodeURIComponent(id)}`;
}

/** Every request the page makes, by name. Each throws `RequestFailed`. */
export const api = {
  session: (signal?: AbortSignal) => content(client.GET("/api/v1/session", until(signal)), signal),
  signIn: (token: string) => content(client.POST("/api/v1/session", { body: { token } })),
  signOut: () => content(client.DELETE("/api/v1/session")),
  now: (signal?: AbortSignal) => content(client.GET("/api/v1/now", until(signal)), signal),
  repositories: async (signal?: AbortSignal) =>
    (await content(client.GET("/api/v1/repositories", until(signal)), signal)).repositories,
  runners: async (signal?: AbortSignal) =>
    (await content(client.GET("/api/v1/runners", until(signal)), signal)).runners,
  schedules: (signal?: AbortSignal) => content(client.GET("/api/v1/schedules", until(signal)), signal),
  runSchedule: (id: string) => content(client.POST("/api/v1/schedules/{id}/run", { params: { path: { id } } })),
  runs: (query: RunFilter & { before?: string; limit: number }, signal?: AbortSignal) =>
    content(client.GET("/api/v1/runs", { params: { query }, ...until(signal) }), signal),
  run: (id: string, signal?: AbortSignal) =>
    content(client.GET("/api/v1/runs/{id}", { params: { path: { id } }, ...until(signal) }), signal),
  cancelRun: (id: string) => content(client.POST("/api/v1/runs/{id}/cancel", { params: { path: { id } } })),
  rerun: (id: string, mode: "all" | "failed") =>
    content(client.POST("/api/v1/runs/{id}/rerun", { params: { path: { id } }, body: { mode } })),
  cancelJob: (id: string) => content(client.POST("/api/v1/jobs/{id}/cancel", { params: { path: { id } } })),
  dispatch: (name: string, body: { ref: string; workflow?: string; inputs: Record<string, string> }) =>
    content(client.POST("/api/v1/repositories/{name}/dispatch", { params: { path: { name } }, body })),
  /** Lines starting at `first`; a negative `first` counts from the end. At most 5,000 lines. */
  log: (job: string, step: number, first: number, count: number, signal?: AbortSignal) =>
    content(
      client.GET(logRoute, { params: { path: { job, step }, query: { first, count } }, ...until(signal) }),
      signal,
    ),
  searchLog: (job: string, step: number, q: string, limit: number, signal?: AbortSignal) =>
    content(
      client.GET(`${logRoute}/search`, { params: { path: { job, step }, query: { q, limit } }, ...until(signal) }),
      signal,
    ),
  logErrors: (job: string, step: number, signal?: AbortSignal) =>
    content(client.GET(`${logRoute}/errors`, { params: { path: { job, step } }, ...until(signal) }), signal),
};
