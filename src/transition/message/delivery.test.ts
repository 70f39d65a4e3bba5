import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import * as z from "zod";
import type { Json, RetryPolicy } from "../../model/index.ts";
import { openStore, type Store } from "../../store/index.ts";
import { localSignals } from "../signals.ts";
import { Delivery, type Handler } from "./delivery.ts";
import { topic } from "./topic.ts";

let store: Store;
let now = 1000;
const signals = localSignals();
const open: Delivery[] = [];
beforeEach(async () => {
  store = await openStore({ database: ":memory:", now: () => now });
});
afterEach(async () => {
  vi.useRealTimers();
  for (const delivery of open.splice(0)) await delivery.close();
  await store.close();
});

function numbers(options: { readonly retry?: RetryPolicy; readonly holds?: number } = {}) {
  return topic({
    name: "numbers",
    body: z.object({ n: z.number(), key: z.string() }),
    key: ({ key }) => key,
    ...options,
  });
}

type Body = { readonly n: number; readonly key: string };

/** A loop that delivers numbers to the handler. */
async function start(
  handler: Handler<Body>,
  options: Parameters<typeof numbers>[0] & { readonly holder?: string; readonly takeOver?: boolean } = {},
): Promise<Delivery> {
  const logger = { warn: () => {} };
  const holder = options.holder ?? "me";
  const delivery = new Delivery({ store, signals, now: () => now, logger, holder, mayPass: () => false });
  delivery.on(numbers(options), handler);
  open.push(delivery);
  await delivery.start({ takeOver: options.takeOver ?? false });
  return delivery;
}

async function leave(...bodies: readonly Body[]): Promise<void> {
  await store.messages.add(bodies.map((body) => numbers().message(body)));
}

function body(n: number, key = "a"): Body {
  return { n, key };
}

describe("the delivery loop", () => {
  it("delivers messages of a key once, one after the other, and those of others beside them", async () => {
    await leave(body(1), body(2), body(3, "b"), body(4));
    const heard: number[] = [];
    const blocked = Promise.withResolvers<void>();
    const delivery = await start({
      deliver: async ({ n, key }) => {
        heard.push(n);
        if (n === 1) await blocked.promise;
        return key === "b" ? blocked.resolve() : undefined;
      },
    } as Handler<Body>);
    await delivery.idle();
    expect(heard).toEqual([1, 3, 2, 4]);
    expect(await store.messages.count()).toBe(0);
  });

  it("is woken by a signal, without a wait", async () => {
    const heard = Promise.withResolvers<number>();
    await start({ deliver: async ({ n }) => void heard.resolve(n) } as Handler<Body>);
    await leave(body(7));
    signals.send({ type: "messages" });
    expect(await heard.promise).toBe(7);
  });

  it("finds messages whose signal was lost", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const heard = Promise.withResolvers<number>();
    const delivery = await start({ deliver: async ({ n }) => void heard.resolve(n) } as Handler<Body>);
    await delivery.idle();
    await leave(body(7));
    await vi.advanceTimersByTimeAsync(5000);
    expect(await heard.promise).toBe(7);
  });

  it("tries a message that failed again, later each time, while the next of its key wait", async () => {
    await leave(body(1), body(2), body(3, "b"));
    const heard: number[] = [];
    const delivery = await start(
      {
        deliver: async ({ n }) => {
          heard.push(n);
          if (n === 1 && heard.length < 5) throw new Error("no route");
          return undefined;
        },
      },
      { retry: { first: 1000, longest: 60_000 } },
    );
    const pass = async (ms: number): Promise<readonly number[]> => {
      now += ms;
      await delivery.idle();
      return heard;
    };
    expect(await pass(0)).toEqual([1, 3]);
    expect(await pass(999)).toEqual([1, 3]);
    expect(await pass(1)).toEqual([1, 3, 1]);
    expect(await pass(2000)).toEqual([1, 3, 1, 1]);
    expect(await pass(3999)).toEqual([1, 3, 1, 1]);
    expect(await pass(1)).toEqual([1, 3, 1, 1, 1, 2]);
  });

  it("lets the next ones of the key pass after as many failures as the topic says", async () => {
    await leave(body(1), body(2));
    const heard: number[] = [];
    const delivery = await start(
      {
        deliver: async ({ n }) => {
          heard.push(n);
          if (n === 1) throw new Error("never");
          return undefined;
        },
      },
      { retry: { first: 10, factor: 1, longest: 10 }, holds: 2 },
    );
    await delivery.idle();
    expect(heard).toEqual([1]);
    now += 10;
    await delivery.idle();
    expect(heard).toEqual([1, 1, 2]);
  });

  it("asks what to leave behind when a policy gives up, and never gives up what passes by itself", async () => {
    await leave(body(1));
    const given: string[] = [];
    const delivery = await start(
      {
        deliver: async () => {
          throw new Error("never");
        },
        exhausted: async (_body, { attempts }, error) => {
          given.push(`${attempts} ${error instanceof Error ? error.message : ""}`);
          return undefined;
        },
      },
      { retry: { first: 10, factor: 1, longest: 10, attempts: 3 } },
    );
    for (let round = 0; round < 3; round += 1) {
      await delivery.idle();
      now += 10;
    }
    expect(given).toEqual(["2 never"]);
    expect(await store.messages.count()).toBe(0);
  });

  it("leaves messages of topics that this version does not know for one that does", async () => {
    await store.messages.add([{ topic: "of the future", body: "{}" }]);
    const delivery = await start({ deliver: async () => undefined });
    await delivery.idle();
    expect(await store.messages.count()).toBe(1);
  });

  it("delivers again what a crash left unsettled", async () => {
    await leave(body(1));
    const heard: Json[] = [];
    const lost = await start({
      deliver: async ({ n }) => {
        heard.push(n);
        return new Promise(() => {});
      },
    });
    await expect.poll(() => heard).toEqual([1]);
    // Its process is gone: nobody waits for it, and another takes the lease over.
    open.splice(open.indexOf(lost), 1);
    const delivery = await start({ deliver: async ({ n }) => void heard.push(`again ${n}`) } as Handler<Body>, {
      holder: "next",
      takeOver: true,
    });
    await delivery.idle();
    expect(heard).toEqual([1, "again 1"]);
  });

  it("delivers nothing while another process has the lease", async () => {
    await store.leases.take({ name: "delivery", holder: "another", now, expiresAt: now + 30_000 });
    await leave(body(1));
    const heard: number[] = [];
    const delivery = await start({ deliver: async ({ n }) => void heard.push(n) } as Handler<Body>);
    await delivery.idle();
    expect(heard).toEqual([]);
    expect(await store.messages.count()).toBe(1);
  });
});
