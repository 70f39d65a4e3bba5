import type { LiveEvent } from "../../model/index.ts";
import type { Signals } from "../../transition/index.ts";

/** A change, numbered so that a reader can resume. */
export interface LiveMessage {
  readonly id: string;
  readonly event: LiveEvent;
}

export type LiveListener = (message: LiveMessage) => void;

/** How many messages are kept for readers that reconnect. */
const kept = 2000;
/** Minimum interval between messages about one growing log, in milliseconds. */
const logInterval = 100;

/**
 * Notifies all listeners of changes as they happen. Keeps the latest messages, so that a reader whose connection broke
 * misses nothing; one that was away for longer, or knew another server process, is told to refetch.
 */
export class LiveHub {
  readonly #first: number;
  #next: number;
  readonly #recent: LiveMessage[] = [];
  readonly #listeners = new Set<LiveListener>();
  readonly #logs = new Map<string, { latest: LiveEvent | undefined; readonly timer: NodeJS.Timeout }>();

  readonly #signals: Signals;
  readonly #ignore: () => void;

  /** `now` makes ids of a later process larger than all of an earlier one: milliseconds times a thousand. */
  constructor(signals: Signals, now: number) {
    this.#first = now * 1000;
    this.#next = this.#first;
    this.#signals = signals;
    this.#ignore = signals.listen((signal) => {
      if (signal.type === "live") this.#add(signal.event);
    });
  }

  /** The id of the newest message, for a reader who asks something now and will listen later. */
  get position(): string {
    return String(this.#next - 1);
  }

  publish(event: LiveEvent): void {
    this.#signals.send({ type: "live", event });
  }

  #add(event: LiveEvent): void {
    const message = { id: String(this.#next), event };
    this.#next += 1;
    this.#recent.push(message);
    if (this.#recent.length > kept * 2) this.#recent.splice(0, this.#recent.length - kept);
    for (const listener of this.#listeners) listener(message);
  }

  /** Announces a log's growth: at once, then at most every 100 ms, and always the last. */
  publishLog(event: Extract<LiveEvent, { type: "log" }>): void {
    const key = `${event.job}/${event.step}`;
    const waiting = this.#logs.get(key);
    if (waiting !== undefined) {
      waiting.latest = event;
      return;
    }
    this.publish(event);
    const timer = setTimeout(() => {
      const latest = this.#logs.get(key)?.latest;
      this.#logs.delete(key);
      if (latest?.type === "log") this.publishLog(latest);
    }, logInterval);
    timer.unref();
    this.#logs.set(key, { latest: undefined, timer });
  }

  /**
   * Delivers messages after `after`, or from now on. `resync` is true if messages since then are lost. The listener
   * must not block.
   */
  subscribe(
    after: string | undefined,
    listener: LiveListener,
  ): { readonly resync: boolean; readonly close: () => void } {
    const oldest = Number(this.#recent[0]?.id ?? this.#next);
    const last = after === undefined ? this.#next - 1 : Number(after);
    const resync = !Number.isInteger(last) || last < oldest - 1 || last >= this.#next || last < this.#first - 1;
    if (!resync) for (const message of this.#recent.slice(last + 1 - oldest)) listener(message);
    this.#listeners.add(listener);
    return { resync, close: () => this.#listeners.delete(listener) };
  }

  close(): void {
    this.#ignore();
    for (const { timer } of this.#logs.values()) clearTimeout(timer);
    this.#logs.clear();
    this.#listeners.clear();
  }
}
