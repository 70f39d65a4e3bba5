import { api, logAddress } from "../api/client.ts";
import { RequestFailed } from "../api/problem.ts";
import type { LogLines, LogPage } from "../api/types.ts";
import { LinePages, PAGE, type Line } from "./pages.ts";

const TAIL = 500;
const RETRY = 2_000;
/** Where lines are longer than this on average, a page of them is megabytes: then fewer are asked for at once. */
const LONG_LINE = 4_000;
const FEW = 100;

/** What a reader of a log must know besides its lines. A new object with every change. */
export interface LogState {
  /** Lines so far; 0 until the first answer. */
  readonly total: number;
  readonly bytes: number;
  /** No more lines will come. */
  readonly closed: boolean;
  /** The first answer is there. */
  readonly ready: boolean;
  readonly error: RequestFailed | undefined;
}

/**
 * One step's log as the page sees it: its end first, any other part when it is looked at, new lines as they are written.
 * A hidden page lets go of the stream and catches up at the end when it is seen again, rather than reading all that it missed.
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

  /** Starts reading, and gives the way to end it. */
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

  /** A line, when it is here. Ask with `want` first. */
  line(number: number): Line | undefined {
    return this.#pages.get(number);
  }

  /** Characters of the longest line that was here so far. */
  get longest(): number {
    return this.#pages.longest;
  }

  /** Says which lines are looked at; those that are missing are fetched, and readers hear when they are there. */
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

  /** Begins again after an error. */
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
    // Answers may overtake the stream, and each other: a log only grows, and closes once.
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
      // The browser resumes a broken connection by itself; one that was answered with an error is ours to begin again.
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
    // The server is away for a moment, or restarts: keep trying while the log is looked at.
    if (error.status === 0 || error.status >= 500) this.#retry = setTimeout(() => void this.#catchUp(), RETRY);
  }

  /** Many chunks may arrive between two frames: readers hear once a frame. */
  #set(change: Partial<LogState>): void {
    this.#state = { ...this.#state, ...change };
    if (this.#frame !== 0 || this.#abort.signal.aborted) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      for (const reader of this.#readers) reader();
    });
  }
}
