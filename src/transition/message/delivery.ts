import { type Json, messageOf, retryDelay, SluiceError } from "../../model/index.ts";
import { isUnreadable, type MessageRow, type Store } from "../../store/index.ts";
import { crashPoint } from "../crash-point.ts";
import type { Signals } from "../signals.ts";
import type { Topic } from "./topic.ts";

/** Maximum number of messages in delivery at once. */
const atOnce = 16;
/** Polling interval without a signal, in milliseconds: the safety net for lost signals. */
const pollMs = 5_000;
/** The loop's lease, and how often it is renewed, in milliseconds. */
const leaseMs = 30_000;
const renewMs = 10_000;
/** Delay after a database failure, in milliseconds. */
const failureMs = 1_000;
const leaseName = "delivery";

/** The part of a logger that the loop uses. */
export interface DeliveryLogger {
  warn(fields: object, message: string): void;
}

export interface Handler<B> {
  /** Delivers one message, at least once. Returns `settled` if its own commit has settled the message. */
  deliver(body: B, message: MessageRow): Promise<"settled" | undefined>;
  /** The topic's policy gives up: the last chance to record something. Rejects to be called again. */
  exhausted?(body: B, message: MessageRow, error: unknown): Promise<"settled" | undefined>;
}

interface Subscription {
  readonly topic: Topic<Json>;
  readonly handler: Handler<Json>;
}

/**
 * The one loop that performs the work left by commits: takes due messages, in order within a key, delivers several keys
 * concurrently, retries by the topic's policy, and removes what is done. It runs under a lease, so that one server at a
 * time delivers. After a crash it continues: what was not settled is delivered again.
 */
export class Delivery {
  readonly #store: Store;
  readonly #signals: Signals;
  readonly #now: () => number;
  readonly #logger: DeliveryLogger;
  readonly #holder: string;
  readonly #failed: (error: unknown) => void;
  readonly #mayPass: (error: unknown) => boolean;
  readonly #scale: number;
  readonly #topics = new Map<string, Subscription>();
  /** Messages being delivered, or delivered and not yet removed. */
  readonly #underway = new Set<number>();
  readonly #deliveries = new Set<Promise<void>>();
  #settled: number[] = [];
  #loop: Promise<void> | undefined;
  #wanted = false;
  #running = false;
  /** True while this process has the lease, as far as it knows: otherwise a commit that settles a message fails. */
  #leased = false;
  #timer: NodeJS.Timeout | undefined;
  #renewal: NodeJS.Timeout | undefined;
  #ignore: () => void = () => {};
  #idle: PromiseWithResolvers<void> | undefined;

  constructor(options: {
    readonly store: Store;
    readonly signals: Signals;
    readonly now: () => number;
    readonly logger: DeliveryLogger;
    /** Identifies this process in the lease. */
    readonly holder: string;
    /** Called with every failure. */
    readonly failed?: (error: unknown) => void;
    /** Whether a failure passes by itself: it never counts towards the attempts of a topic's policy. */
    readonly mayPass: (error: unknown) => boolean;
    /** Multiplies all delays; 1 by default. */
    readonly scale?: number;
  }) {
    this.#store = options.store;
    this.#signals = options.signals;
    this.#now = options.now;
    this.#logger = options.logger;
    this.#holder = options.holder;
    this.#failed = options.failed ?? (() => {});
    this.#mayPass = options.mayPass;
    this.#scale = options.scale ?? 1;
  }

  /** Registers the handler of a topic's messages. Call it before `start`. */
  on<B extends Json>(topic: Topic<B>, handler: Handler<B>): void {
    // Bodies are parsed with the topic's own schema before the handler gets them.
    this.#topics.set(topic.name, { topic, handler } as unknown as Subscription);
  }

  /** Starts delivering. `takeOver` if no other process can still be delivering. */
  async start({ takeOver }: { readonly takeOver: boolean }): Promise<void> {
    this.#running = true;
    this.#ignore = this.#signals.listen((signal) => {
      if (signal.type === "messages") this.wake();
    });
    await this.#lease(takeOver);
    this.#renewal = setInterval(() => void this.#renew(), renewMs);
    this.#renewal.unref();
    this.wake();
  }

  /** Checks for messages now. */
  wake(): void {
    this.#wanted = true;
    if (!this.#running || this.#loop !== undefined) return;
    this.#loop = this.#work().finally(() => {
      this.#loop = undefined;
      if (this.#wanted && this.#running) this.wake();
      else if (this.#underway.size === 0) this.#rest();
    });
  }

  /** Resolves when nothing is in progress and nothing is due. */
  async idle(): Promise<void> {
    if (!this.#running) return;
    this.#idle ??= Promise.withResolvers();
    const { promise } = this.#idle;
    this.wake();
    await promise;
  }

  /**
   * Starts no more deliveries and waits for those in progress. What is not settled is delivered after the next start.
   */
  async close(): Promise<void> {
    if (!this.#running) return;
    this.#running = false;
    this.#ignore();
    clearTimeout(this.#timer);
    clearInterval(this.#renewal);
    await this.#loop;
    await Promise.all(this.#deliveries);
    // The storage itself may be failing: the messages are then delivered again.
    await this.#flush().catch(this.#failed);
    await this.#store.leases.release(leaseName, this.#holder).catch(this.#failed);
    this.#rest();
  }

  #rest(): void {
    this.#idle?.resolve();
    this.#idle = undefined;
  }

  async #lease(takeOver: boolean): Promise<void> {
    const now = this.#now();
    const lease = { name: leaseName, holder: this.#holder, now, expiresAt: now + leaseMs, takeOver };
    this.#leased = await this.#store.leases.take(lease);
  }

  async #renew(): Promise<void> {
    try {
      await this.#lease(false);
      this.wake();
    } catch (error) {
      // Deliveries fail as long as the database does, and report it.
      this.#failed(error);
    }
  }

  async #work(): Promise<void> {
    try {
      while (this.#wanted && this.#running) {
        this.#wanted = false;
        await this.#flush();
        await this.#take();
      }
      this.#sleep(Math.min((await this.#untilNext()) ?? pollMs, pollMs));
    } catch (error) {
      this.#failed(error);
      this.#logger.warn({ error: messageOf(error) }, "cannot read messages; retrying");
      this.#sleep(failureMs);
    }
  }

  #sleep(ms: number): void {
    clearTimeout(this.#timer);
    if (!this.#running) return;
    this.#timer = setTimeout(() => this.wake(), ms);
    this.#timer.unref();
  }

  async #untilNext(): Promise<number | undefined> {
    const now = this.#now();
    const due = await this.#store.messages.nextDue(now);
    return due === undefined ? undefined : Math.max(1, due - now);
  }

  /** Removes delivered messages. */
  async #flush(): Promise<void> {
    const settled = this.#settled;
    if (settled.length === 0) return;
    await this.#store.messages.settle(settled);
    this.#settled = this.#settled.slice(settled.length);
    for (const id of settled) this.#underway.delete(id);
  }

  async #take(): Promise<void> {
    const room = atOnce - this.#underway.size;
    if (room <= 0 || !this.#leased) return;
    const rows = await this.#store.messages.deliverable(this.#now(), atOnce + this.#underway.size);
    for (const row of rows.filter(({ id }) => !this.#underway.has(id)).slice(0, room)) {
      this.#underway.add(row.id);
      const delivery = this.#one(row).finally(() => {
        this.#deliveries.delete(delivery);
        this.wake();
      });
      this.#deliveries.add(delivery);
    }
  }

  /** Never rejects. */
  async #one(row: MessageRow): Promise<void> {
    try {
      const done = await this.#deliver(row);
      crashPoint("control.before-delivered");
      if (done === "settled") this.#underway.delete(row.id);
      else this.#settled.push(row.id);
    } catch (error) {
      this.#failed(error);
      await this.#postpone(row, error).catch(this.#failed);
      this.#underway.delete(row.id);
    }
  }

  async #deliver(row: MessageRow): Promise<"settled" | undefined> {
    const subscription = this.#topics.get(row.topic);
    if (subscription === undefined)
      throw new SluiceError("unavailable", `This version of Sluice cannot deliver messages of the topic ${row.topic}.`);
    const { topic, handler } = subscription;
    const body = topic.body.decode(row.body, `outbox ${row.id}`);
    try {
      return await handler.deliver(body, row);
    } catch (error) {
      const last = retryDelay(topic.retry, row.attempts + 1) === undefined && !this.#passes(error);
      if (!last) throw error;
      this.#logger.warn({ topic: row.topic, attempts: row.attempts + 1, error: messageOf(error) }, "delivery given up");
      return handler.exhausted?.(body, row, error);
    }
  }

  #passes(error: unknown): boolean {
    return this.#mayPass(error) || (error instanceof SluiceError && error.code === "storage-full");
  }

  async #postpone(row: MessageRow, error: unknown): Promise<void> {
    // Only a restored database or a newer version helps with unreadable values: others need not wait for that.
    const subscription = isUnreadable(error) ? undefined : this.#topics.get(row.topic);
    const failures = row.attempts + 1;
    const { first, longest, factor } = subscription?.topic.retry ?? { first: 60_000, longest: 3_600_000 };
    const policy = { first, longest, ...(factor === undefined ? {} : { factor }) };
    const delay = (retryDelay(policy, failures) ?? longest) * this.#scale;
    const fields = { topic: row.topic, attempts: failures, retryMs: delay, error: messageOf(error) };
    this.#logger.warn(fields, "cannot deliver a message; retrying");
    const holds = failures < (subscription?.topic.holds ?? 0);
    await this.#store.messages.postpone(row.id, {
      dueAt: Math.round(this.#now() + delay),
      holds,
      error: messageOf(error),
    });
  }
}
