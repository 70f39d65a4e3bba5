import * as z from "zod";
import { messageOf } from "../../model/index.ts";
import type { OutboxRow, Store } from "../../store/index.ts";
import { crashPoint } from "./crash.ts";
import type { Logger } from "./options.ts";

/** How many messages are looked at together. */
const batch = 50;
/** The first wait after a failed delivery and the longest, in milliseconds. */
const firstDelay = 1000;
const longestDelay = 5 * 60_000;

/** Delivers one message. It may come twice: after a crash, or when the answer was lost. */
export type Delivery = (body: OutboxRow["body"]) => Promise<void>;

/**
 * Delivers the messages that committed changes left, at least once each, in their order as far as none fails.
 * One that fails is tried again later and holds up no other.
 */
export class Outbox {
  readonly #store: Store;
  readonly #deliveries: ReadonlyMap<string, Delivery>;
  readonly #now: () => number;
  readonly #logger: Logger;
  /** When a message that failed is due again. */
  readonly #due = new Map<string, number>();

  constructor(options: { store: Store; deliveries: ReadonlyMap<string, Delivery>; now: () => number; logger: Logger }) {
    this.#store = options.store;
    this.#deliveries = options.deliveries;
    this.#now = options.now;
    this.#logger = options.logger;
  }

  /** Delivers what is due. Answers in how many milliseconds something more is due, if anything is. */
  async deliver(): Promise<number | undefined> {
    for (;;) {
      const rows = await this.#store.outbox.pending(batch + this.#due.size);
      const ready = rows.filter((row) => (this.#due.get(row.id) ?? 0) <= this.#now());
      if (ready.length === 0) break;
      for (const row of ready) await this.#one(row);
    }
    const next = Math.min(...this.#due.values());
    return Number.isFinite(next) ? Math.max(0, next - this.#now()) : undefined;
  }

  async #one(row: OutboxRow): Promise<void> {
    try {
      await this.#deliveries.get(row.topic)?.(row.body);
    } catch (error) {
      const delay = Math.min(firstDelay * 2 ** Math.min(row.attempts, 20), longestDelay);
      this.#due.set(row.id, this.#now() + delay);
      this.#logger.warn(
        { topic: row.topic, attempts: row.attempts + 1, error: messageOf(error) },
        "a message could not be delivered",
      );
      await this.#store.outbox.failed(row.id, messageOf(error));
      return;
    }
    crashPoint("control.before-delivered");
    this.#due.delete(row.id);
    await this.#store.outbox.delivered(row.id);
  }
}

const runBody = z.object({ run: z.string(), repository: z.string(), number: z.number(), status: z.string() });

/** What is done with the messages there are. A start needs no more than being told live, which has happened. */
export function deliveries(store: Store, now: () => number): ReadonlyMap<string, Delivery> {
  return new Map<string, Delivery>([
    ["run.started", async () => {}],
    [
      "run.finished",
      async (body) => {
        const { run, repository, number, status } = runBody.parse(body);
        await store.audit.add({
          at: now(),
          actor: "sluice",
          action: "run.finish",
          subject: `${repository}#${number}`,
          detail: { run, status },
        });
      },
    ],
  ]);
}
