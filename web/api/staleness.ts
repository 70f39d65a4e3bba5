import type { QueryClient, QueryKey } from "@tanstack/react-query";

/** Changes come in bursts (a matrix starts 40 jobs): queries are refetched so many milliseconds after the first. */
const BEAT = 300;

/** Refetches queries whose data an event does not bring itself. */
export class Staleness {
  readonly #client: QueryClient;
  readonly #waiting = new Map<string, { readonly due: number; readonly timer: ReturnType<typeof setTimeout> }>();
  readonly #last = new Map<string, number>();

  constructor(client: QueryClient, signal: AbortSignal) {
    this.#client = client;
    signal.addEventListener("abort", () => {
      for (const { timer } of this.#waiting.values()) clearTimeout(timer);
    });
  }

  /** The data of the key is stale. It is refetched soon, but at least `pause` milliseconds after the time before. */
  mark(queryKey: QueryKey, pause = BEAT): void {
    const key = queryKey.join("/");
    const now = performance.now();
    const due = Math.max(now + BEAT, (this.#last.get(key) ?? -Infinity) + pause);
    const waiting = this.#waiting.get(key);
    if (waiting !== undefined && waiting.due <= due) return;
    clearTimeout(waiting?.timer);
    const flush = (): void => {
      this.#waiting.delete(key);
      this.#last.set(key, performance.now());
      void this.#client.invalidateQueries({ queryKey });
    };
    this.#waiting.set(key, { due, timer: setTimeout(flush, due - now) });
  }

  /** Events were missed. */
  everything(): void {
    void this.#client.invalidateQueries();
  }
}
