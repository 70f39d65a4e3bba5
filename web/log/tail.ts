import { api, logAddress } from "../api/client.ts";
import { RequestFailed } from "../api/problem.ts";
import type { LogLines, LogPage } from "../api/types.ts";
import { LinePages, PAGE, type Line } from "./pages.ts";

const TAIL = 500;
const RETRY = 2_000;
/** With longer lines than this on average, a page is megabytes: fetch fewer lines at once. */
const LONG_LINE = 4_000;
const FEW = 100;

/** What a reader needs to know about a log besides its lines. Every change makes a new object. */
export interface LogState {
  /** Lines so far; 0 until the first response. */
  readonly total: number;
  readonly bytes: number;
  /** The log is complete. */
  readonly closed: boolean;
  /** The first response has arrived. */
  readonly ready: boolean;
  readonly error: RequestFailed | undefined;
}

/**
 * One step's log in the page: loads its end first, other parts when they are shown, and new lines as they are written.
 * A hidden page closes the stream and catches up at the end when it is visible again, instead of reading everything it
 * missed.
 */
export class LogTail {
  readonly #job: string;
  readonly #step: number;
  readonly #pages = new LinePages();
  readonly #asked = new Set<string>();
  readonly #readers = new Set<() => void>();
  #abort = new AbortController();
  #source: EventSource | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #frame = 0;
  #state: LogState = { total: 0, bytes: 0, closed: false, ready: false, error: undefined };

  constructor(job: string, step: number) {
    this.#job = job;
    this.#step = step;
  }

  /** Starts reading; returns a function that stops it. */
  open(): () => void {
    this.#abort = new AbortController();
    document.addEventListener("visibilitychange", this.#onVisibility, { signal: this.#abort.signal });
    void this.#catchUp();
    return () => this.#close();
  }

  readonly subscribe = (reader: () => void): (() => void) => {
    this.#readers.add(reader);
    return () => this.#readers.delete(reader);
  };

  readonly state = (): LogState => this.#state;

  /** A line, if it is loaded. Call `want` first. */
  line(number: number): Line | undefined {
    return this.#pages.get(number);
  }

  /** Characters of the longest line loaded so far. */
  get longest(): number {
    return this.#pages.longest;
  }

  /** Sets which lines are shown; missing ones are fetched, and readers are notified when they arrive. */
  want(from: number, to: number): void {
    const last = Math.min(to, this.#state.total);
    if (from > last) return;
    const long = this.#state.bytes / Math.max(1, this.#state.total) > LONG_LINE;
    for (const page of this.#pages.missing(from, last)) {
      if (long) void this.#fetch(Math.max(1, from - FEW / 4), Math.min(FEW, last - from + FEW / 2));
      else void this.#fetch(page * PAGE + 1, PAGE);
    }
  }

  /** All lines of a range, fetched as needed: for copying. */
  async range(from: number, to: number): Promise<string[]> {
    const result: string[] = [];
    for (let first = from; first <= to; first += 5_000) {
      const page = await api.log(this.#job, this.#step, first, Math.min(5_000, to - first + 1), this.#abort.signal);
      result.push(...page.lines);
    }
    return result;
  }

  /** Retries after an error. */
  readonly again = (): void => {
    this.#set({ error: undefined });
    void this.#catchUp();
  };

  #close(): void {
    this.#abort.abort();
    this.#stopStream();
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
  }

  async #catchUp(): Promise<void> {
    try {
      this.#take(await api.log(this.#job, this.#step, -TAIL, TAIL, this.#abort.signal));
      if (!this.#state.closed && !this.#source && document.visibilityState !== "hidden") this.#startStream();
    } catch (error) {
      this.#failed(error);
    }
  }

  async #fetch(first: number, count: number): Promise<void> {
    const key = `${first}+${count}`;
    if (this.#asked.has(key)) return;
    this.#asked.add(key);
    try {
      this.#take(await api.log(this.#job, this.#step, first, count, this.#abort.signal));
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#asked.delete(key);
    }
  }

  #take(page: LogPage): void {
    this.#pages.put(page.first, page.lines, page.times);
    // Responses can overtake the stream and each other: a log only grows, and closes once.
    this.#set({
      total: Math.max(this.#state.total, page.total),
      bytes: Math.max(this.#state.bytes, page.bytes),
      closed: this.#state.closed || page.closed,
      ready: true,
      error: undefined,
    });
  }

  #startStream(): void {
    const source = new EventSource(`${logAddress(this.#job, this.#step, "stream")}?from=${this.#state.total + 1}`);
    this.#source = source;
    source.addEventListener("lines", (message: MessageEvent<string>) => {
      const { first, lines, times } = JSON.parse(message.data) as LogLines;
      this.#pages.put(first, lines, times);
      this.#set({ total: Math.max(this.#state.total, first + lines.length - 1), error: undefined });
    });
    source.addEventListener("closed", () => {
      this.#stopStream();
      this.#set({ closed: true });
    });
    source.addEventListener("error", () => {
      // The browser resumes a broken connection itself; after an error response we must reconnect.
      if (source.readyState !== EventSource.CLOSED || this.#source !== source) return;
      this.#stopStream();
      this.#retry = setTimeout(() => void this.#catchUp(), RETRY);
    });
  }

  #stopStream(): void {
    clearTimeout(this.#retry);
    this.#source?.close();
    this.#source = undefined;
  }

  readonly #onVisibility = (): void => {
    if (document.visibilityState === "hidden") this.#stopStream();
    else if (!this.#state.closed && !this.#source) void this.#catchUp();
  };

  #failed(error: unknown): void {
    if (this.#abort.signal.aborted) return;
    if (!(error instanceof RequestFailed)) throw error;
    this.#set({ error });
    // The server is briefly unavailable or restarting: keep retrying while the log is open.
    if (error.status === 0 || error.status >= 500) this.#retry = setTimeout(() => void this.#catchUp(), RETRY);
  }

  /** Many chunks can arrive between two frames: notify readers once per frame. */
  #set(change: Partial<LogState>): void {
    this.#state = { ...this.#state, ...change };
    if (this.#frame !== 0 || this.#abort.signal.aborted) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      for (const reader of this.#readers) reader();
    });
  }
}
