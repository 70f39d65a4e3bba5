import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Json } from "../../model/index.ts";
import { openStore, type Store } from "../../store/index.ts";
import { deliveries, type Delivery, Outbox } from "./outbox.ts";

let store: Store;
let now = 1000;
beforeEach(async () => {
  store = await openStore({ database: ":memory:", now: () => now });
});
afterEach(async () => {
  await store.close();
});

const logger = { info: () => {}, warn: () => {}, error: () => {} };

/** Leaves messages as a committed change does. */
async function leave(...outbox: readonly { readonly topic: string; readonly body: Json }[]): Promise<void> {
  const repository = await store.repositories.add({
    forge: "git",
    remoteId: "1",
    name: "demo",
    defaultBranch: "main",
    createdAt: 1,
  });
  const event = {
    kind: "push",
    repository: { name: "demo", defaultBranch: "main", cloneUrl: "x" },
    ref: "refs/heads/main",
    sha: "a".repeat(40),
    sender: { login: "ann" },
    payload: {},
  } as const;
  const { id } = await store.events.accept({ repositoryId: repository.id, event, receivedAt: 1 }, "k");
  const begin = () => ({ state: {}, run: {}, jobs: [], steps: [], annotations: [], summaries: [], outbox });
  await store.runs.create({
    eventId: id,
    repositoryId: repository.id,
    event,
    title: "t",
    plans: [],
    diagnostics: [],
    createdAt: 1,
    begin,
  });
}

function outboxWith(delivery: Delivery): Outbox {
  return new Outbox({ store, deliveries: new Map([["a", delivery]]), now: () => now, logger });
}

describe("the outbox", () => {
  it("delivers each message once, in order, and drops topics that nobody wants", async () => {
    await leave({ topic: "a", body: 1 }, { topic: "unknown", body: 2 }, { topic: "a", body: 3 });
    const heard: Json[] = [];
    const outbox = outboxWith(async (body) => void heard.push(body));
    expect(await outbox.deliver()).toBeUndefined();
    await outbox.deliver();
    expect(heard).toEqual([1, 3]);
    expect(await store.outbox.pending(10)).toEqual([]);
  });

  it("tries a message that failed again, later each time, and holds up no other", async () => {
    await leave({ topic: "a", body: "bad" }, { topic: "a", body: "good" });
    const heard: Json[] = [];
    const outbox = outboxWith(async (body) => {
      heard.push(body);
      if (body === "bad" && heard.length < 5) throw new Error("no route");
    });
    expect(await outbox.deliver()).toBe(1000);
    expect(heard).toEqual(["bad", "good"]);
    now += 999;
    expect(await outbox.deliver()).toBe(1);
    now += 1;
    expect(await outbox.deliver()).toBe(2000);
    now += 2000;
    expect(await outbox.deliver()).toBe(4000);
    now += 4000;
    expect(await outbox.deliver()).toBeUndefined();
    expect(heard).toEqual(["bad", "good", "bad", "bad", "bad"]);
    expect(await store.outbox.pending(10)).toEqual([]);
  });

  it("writes the end of a run into the audit", async () => {
    await leave({ topic: "run.finished", body: { run: "r", repository: "demo", number: 7, status: "success" } });
    await new Outbox({ store, deliveries: deliveries(store, () => now), now: () => now, logger }).deliver();
    expect(await store.audit.list(10)).toMatchObject([
      { action: "run.finish", subject: "demo#7", detail: { run: "r", status: "success" } },
    ]);
  });
});
