import { problemOf, unreachable } from "./problem.ts";
import type { LogPage, LogSearch, Now, Repository, RunDetail, RunFilter, RunPage, RunnerView, Session } from "./types.ts";

type Query = Readonly<Record<string, string | number | undefined>>;

/** `/api/v1` + path + the query's defined values. */
export function address(path: string, query: Query = {}): string {
  const pairs = Object.entries(query).flatMap(([key, value]) => (value === undefined || value === "" ? [] : [[key, String(value)]]));
  return `/api/v1${path}${pairs.length > 0 ? `?${new URLSearchParams(pairs)}` : ""}`;
}

async function request<T>(method: string, url: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const init: RequestInit = { method, credentials: "same-origin", headers: { accept: "application/json" } };
  if (signal) init.signal = signal;
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { accept: "application/json", "content-type": "application/json" };
  }
  const response = await fetch(url, init).catch((error: unknown) => {
    throw signal?.aborted === true ? error : unreachable();
  });
  if (!response.ok) throw await problemOf(response);
  // The server and this page are built from one source: its answers have the shapes of its schemas.
  return (response.status === 204 ? undefined : await response.json()) as T;
}

const get = <T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> => request("GET", address(path, query), undefined, signal);
const post = <T>(path: string, body: unknown): Promise<T> => request("POST", address(path), body);
const part = encodeURIComponent;

/** Where a step's log lives: `job` is the id of one attempt. */
export function logPath(job: string, step: number): string {
  return `/jobs/${part(job)}/steps/${step}/log`;
}

/** Every request that the page makes, by name. Each throws `RequestFailed`. */
export const api = {
  session: (signal?: AbortSignal) => get<Session>("/session", {}, signal),
  signIn: (token: string) => post<Session>("/session", { token }),
  signOut: () => request<unknown>("DELETE", address("/session")),
  now: (signal?: AbortSignal) => get<Now>("/now", {}, signal),
  repositories: (signal?: AbortSignal) => get<Repository[] | { repositories: Repository[] }>("/repositories", {}, signal),
  runs: (filter: RunFilter & { before?: string | undefined; limit: number }, signal?: AbortSignal) => get<RunPage>("/runs", { ...filter }, signal),
  run: (id: string, signal?: AbortSignal) => get<RunDetail>(`/runs/${part(id)}`, {}, signal),
  cancelRun: (id: string) => post<unknown>(`/runs/${part(id)}/cancel`, {}),
  rerun: (id: string, mode: "all" | "failed") => post<unknown>(`/runs/${part(id)}/rerun`, { mode }),
  cancelJob: (id: string) => post<unknown>(`/jobs/${part(id)}/cancel`, {}),
  dispatch: (repository: string, body: { ref: string; workflow?: string; inputs: Record<string, string> }) =>
    post<unknown>(`/repositories/${part(repository)}/dispatch`, body),
  runners: (signal?: AbortSignal) => get<RunnerView[] | { runners: RunnerView[] }>("/runners", {}, signal),
  /** Lines from `first` on; a negative `first` counts from the end. At most 5,000 lines. */
  log: (job: string, step: number, first: number, count: number, signal?: AbortSignal) => get<LogPage>(logPath(job, step), { first, count }, signal),
  searchLog: (job: string, step: number, q: string, limit: number, signal?: AbortSignal) =>
    get<LogSearch>(`${logPath(job, step)}/search`, { q, from: 1, limit }, signal),
  firstError: (job: string, step: number, signal?: AbortSignal) => get<{ line: number | null }>(`${logPath(job, step)}/first-error`, {}, signal),
};
