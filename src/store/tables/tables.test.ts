import { expect, it } from "vitest";
import { addRepository, change, eachDatabase, plan, push, createRun } from "../testbed.ts";

eachDatabase("the other tables", ({ fresh, addRun }) => {
  it("keeps runners, and a removed runner's tokens go with it", async () => {
    const { store } = await fresh();
    await store.runners.save({ id: "R1", name: "one", labels: ["a"], capacity: 1, lastSeenAt: 1 });
    await store.runners.save({ id: "R1", name: "one", labels: ["a", "b"], capacity: 2, lastSeenAt: 2 });
    await store.runners.seen("R1", 9);
    expect(await store.runners.list()).toEqual([
      { id: "R1", name: "one", labels: ["a", "b"], capacity: 2, lastSeenAt: 9 },
    ]);
    const token = await store.tokens.add({ name: "runner one", role: "runner", runnerId: "R1", createdAt: 3 }, "hash1");
    const admin = await store.tokens.add({ name: "admin", role: "admin", createdAt: 4 }, "hash2");
    expect(await store.tokens.byHash("hash1")).toEqual(token);
    expect(await store.tokens.byHash("hash2")).toEqual({ id: admin.id, name: "admin", role: "admin", createdAt: 4 });
    await expect(store.tokens.add({ name: "again", role: "viewer", createdAt: 5 }, "hash2")).rejects.toMatchObject({
      code: "already-exists",
    });
    await store.runners.remove("R1");
    expect(await store.runners.byId("R1")).toBeUndefined();
    expect(await store.tokens.list()).toEqual([admin]);
    await store.tokens.remove(admin.id);
    expect(await store.tokens.byHash("hash2")).toBeUndefined();
  });

  it("keeps one artifact of a name per attempt of a run", async () => {
    const { store } = await fresh();
    const run = await addRun(store, await addRepository(store));
    const row = { runId: run.id, jobId: "J1", name: "dist", bytes: 1, blob: "b1", createdAt: 1, expiresAt: 100 };
    const first = await store.artifacts.add(row, false);
    expect(first).toEqual({ row: { id: first.row.id, ...row } });
    await expect(store.artifacts.add({ ...row, blob: "b2" }, false)).rejects.toMatchObject({ code: "already-exists" });
    const second = await store.artifacts.add({ ...row, blob: "b3", expiresAt: 200 }, true);
    expect(second.replaced).toBe("b1");
    await store.runs.apply(change(run.id, 1, { run: { attempt: 2 } }));
    const third = await store.artifacts.add({ ...row, blob: "b4", expiresAt: 300 }, false);
    expect((await store.artifacts.ofRun(run.id)).map((each) => each.blob)).toEqual(["b4", "b3"]);
    expect((await store.artifacts.expired(200)).map((each) => each.blob)).toEqual(["b3"]);
    await store.artifacts.remove(third.row.id);
    expect(await store.artifacts.byId(third.row.id)).toBeUndefined();
    await expect(store.artifacts.add({ ...row, runId: "nobody" }, false)).rejects.toMatchObject({ code: "not-found" });
  });

  it("counts what a run and its repository have stored in artifacts", async () => {
    const { store } = await fresh();
    const shop = await addRepository(store);
    const [run, other] = [await addRun(store, shop), await addRun(store, shop)];
    expect(await store.artifacts.used(run.id)).toEqual({ run: 0, repository: 0 });
    const row = { jobId: "J1", createdAt: 1, expiresAt: 100 };
    await store.artifacts.add({ ...row, runId: run.id, name: "a", bytes: 2 ** 40, blob: "b1" }, false);
    await store.artifacts.add({ ...row, runId: run.id, name: "b", bytes: 1, blob: "b2" }, false);
    await store.artifacts.add({ ...row, runId: other.id, name: "a", bytes: 2, blob: "b3" }, false);
    expect(await store.artifacts.used(run.id)).toEqual({ run: 2 ** 40 + 1, repository: 2 ** 40 + 3 });
    expect(await store.artifacts.used(other.id)).toEqual({ run: 2, repository: 2 ** 40 + 3 });
    expect(await store.artifacts.used("nobody")).toEqual({ run: 0, repository: 0 });
  });

  it("finds a cache by scope, then exact key, then the newest of a restore key", async () => {
    const { store } = await fresh();
    const { id } = await addRepository(store);
    const add = (scope: string, key: string, createdAt: number, version = "v1") =>
      store.caches.add({
        repositoryId: id,
        scope,
        key,
        version,
        bytes: createdAt,
        blob: `${scope}/${key}`,
        createdAt,
        usedAt: createdAt,
      });
    expect(await add("main", "npm-1", 1)).toBe(true);
    expect(await add("main", "npm-1", 2)).toBe(false);
    await add("main", "npm-2", 3);
    await add("main", "NPM-3", 4);
    await add("main", "npm%x", 5, "v2");
    await add("topic", "npm-0", 1);
    const find = async (scopes: string[], key: string, restore: string[], version = "v1") =>
      (await store.caches.find(id, scopes, key, restore, version))?.blob;
    expect(await find(["topic", "main"], "npm-1", [])).toBe("main/npm-1");
    expect(await find(["topic", "main"], "npm-9", ["npm-"])).toBe("topic/npm-0");
    expect(await find(["main"], "npm-9", ["none", "npm-"])).toBe("main/npm-2");
    expect(await find(["main"], "npm-9", [])).toBeUndefined();
    expect(await find(["main"], "npm-9", ["npm%", "npm_"])).toBeUndefined();
    expect(await find(["main"], "npm-9", ["npm%"], "v2")).toBe("main/npm%x");
    const [row] = await store.caches.ofRepository(id);
    if (row === undefined) throw new Error("no cache");
    await store.caches.touch(row, 1_000);
    expect((await store.caches.ofRepository(id)).at(-1)).toEqual({ ...row, usedAt: 1_000 });
    await store.caches.remove(row);
    expect(await store.caches.ofRepository(id)).toHaveLength(4);
  });

  it("gives out messages oldest first, those of one key one after the other, and none before it is due", async () => {
    const { store } = await fresh();
    const bodies = async (now: number) => (await store.messages.deliverable(now, 50)).map((row) => row.body);
    await store.messages.add([
      { topic: "t", key: "a", body: "a1" },
      { topic: "t", key: "b", body: "b1" },
      { topic: "t", key: "a", body: "a2" },
      { topic: "t", body: "free1" },
      { topic: "t", body: "later", dueAt: 100 },
      { topic: "t", body: "free2" },
    ]);
    expect(await bodies(10)).toEqual(["a1", "b1", "free1", "free2"]);
    expect(await store.messages.nextDue(10)).toBe(100);
    expect(await bodies(100)).toContain("later");
    expect((await store.messages.deliverable(10, 2)).map((row) => row.body)).toEqual(["a1", "b1"]);
    const [first] = await store.messages.deliverable(10, 1);
    await store.messages.settle([first?.id ?? 0]);
    expect(await bodies(10)).toEqual(["b1", "a2", "free1", "free2"]);
    expect(await store.messages.count()).toBe(5);
  });

  it("lets a message that failed hold up its key until it is due again, or lets the next ones pass", async () => {
    const { store } = await fresh();
    const bodies = async (now: number) => (await store.messages.deliverable(now, 50)).map((row) => row.body);
    await store.messages.add(["a1", "a2"].map((body) => ({ topic: "t", key: "a", body })));
    const [first] = await store.messages.deliverable(10, 1);
    await store.messages.postpone(first?.id ?? 0, { dueAt: 50, holds: true, error: "it broke" });
    expect(await bodies(10)).toEqual([]);
    expect(await bodies(50)).toEqual(["a1"]);
    expect(await store.messages.deliverable(50, 1)).toMatchObject([{ attempts: 1, topic: "t", key: "a" }]);
    await store.messages.postpone(first?.id ?? 0, { dueAt: 90, holds: false, error: "it broke" });
    expect(await bodies(60)).toEqual(["a2"]);
    expect(await bodies(90)).toEqual(["a1", "a2"]);
  });

  it("gives a lease to one holder until it expires, is released, or is taken over", async () => {
    const { store, again } = await fresh();
    const second = await again();
    const lease = { name: "delivery", expiresAt: 100, now: 10 };
    expect(await store.leases.take({ ...lease, holder: "A" })).toBe(true);
    expect(await second.leases.take({ ...lease, holder: "B" })).toBe(false);
    expect(await store.leases.take({ ...lease, holder: "A", expiresAt: 200 })).toBe(true);
    expect(await second.leases.take({ ...lease, holder: "B", now: 199 })).toBe(false);
    expect(await second.leases.take({ ...lease, holder: "B", now: 200, expiresAt: 300 })).toBe(true);
    expect(await store.leases.take({ ...lease, holder: "A", now: 201, expiresAt: 400 })).toBe(false);
    await store.leases.release("delivery", "A");
    expect(await store.leases.take({ ...lease, holder: "A", now: 201, expiresAt: 400, takeOver: true })).toBe(true);
    await store.leases.release("delivery", "A");
    expect(await second.leases.take({ ...lease, holder: "B", now: 202, expiresAt: 500 })).toBe(true);
  });

  it("saves a concurrency group only from its present version", async () => {
    const { store } = await fresh();
    const { id } = await addRepository(store);
    expect(await store.groups.state(id, "g")).toBeUndefined();
    expect(await Promise.all([store.groups.save(id, "g", "one", 0), store.groups.save(id, "g", "other", 0)])).toEqual([
      true,
      false,
    ]);
    expect(await store.groups.state(id, "g")).toEqual({ state: "one", version: 1 });
    expect(await store.groups.save(id, "g", "two", 1)).toBe(true);
    expect(await store.groups.save(id, "g", "three", 1)).toBe(false);
    expect(await store.groups.list()).toEqual([{ repositoryId: id, group: "g", state: "two", version: 2 }]);
    expect(await store.groups.save(id, "g", null, 1)).toBe(false);
    expect(await store.groups.save(id, "g", null, 2)).toBe(true);
    expect(await store.groups.state(id, "g")).toBeUndefined();
  });

  it("keeps what a schedule has been through while its line stands, and forgets it with the line", async () => {
    const { store } = await fresh();
    const { id } = await addRepository(store);
    const other = await addRepository(store, "other");
    const [daily, tokyo, hourly] = [
      { cron: "0 3 * * *", timeZone: "UTC" },
      { cron: "0 3 * * *", timeZone: "Asia/Tokyo" },
      { cron: "@hourly", timeZone: "UTC" },
    ];
    expect(await store.schedules.replace(id, [daily, tokyo], 100)).toEqual([
      { repositoryId: id, cron: "0 3 * * *", timeZone: "Asia/Tokyo", since: 100 },
      { repositoryId: id, cron: "0 3 * * *", timeZone: "UTC", since: 100 },
    ]);
    await store.schedules.replace(other.id, [daily], 150);
    const run = await addRun(store, await addRepository(store, "third"));
    const event = await store.events.accept(
      { repositoryId: id, event: push({ kind: "schedule" }), receivedAt: 1 },
      "due",
    );
    await store.schedules.note({ repositoryId: id, ...daily }, { due: 1_795_000_000_000, event: event.id });
    await store.schedules.note({ repositoryId: id, ...tokyo }, { due: 300 });
    expect(await store.schedules.replace(id, [hourly, daily], 500)).toEqual([
      {
        repositoryId: id,
        cron: "0 3 * * *",
        timeZone: "UTC",
        since: 100,
        lastDue: 1_795_000_000_000,
        last: { done: false },
      },
      { repositoryId: id, cron: "@hourly", timeZone: "UTC", since: 500 },
    ]);
    expect(await store.schedules.replace(id, [tokyo], 600)).toEqual([{ repositoryId: id, ...tokyo, since: 600 }]);
    expect((await store.schedules.list()).map((row) => row.since).toSorted()).toEqual([150, 600]);
    expect(run.status).toBe("pending");
  });

  it("tells the run that a schedule started, also two servers that read the lines at once", async () => {
    const { store, again } = await fresh();
    const second = await again();
    const repository = await addRepository(store);
    const line = { cron: "@daily", timeZone: "UTC" };
    await Promise.all([
      store.schedules.replace(repository.id, [line], 1),
      second.schedules.replace(repository.id, [line], 1),
    ]);
    const event = push({ kind: "schedule" });
    const accepted = await Promise.all(
      [store, second].map((each) => each.events.accept({ repositoryId: repository.id, event, receivedAt: 1 }, "due")),
    );
    expect(accepted.filter(({ fresh: first }) => first)).toHaveLength(1);
    const eventId = accepted[0]?.id ?? "";
    const run = await createRun(store, {
      eventId,
      repositoryId: repository.id,
      event,
      title: "x",
      plans: [plan],
      diagnostics: [],
      createdAt: 11,
      change: change("", 0),
    });
    await store.schedules.note({ repositoryId: repository.id, ...line }, { due: 7, event: eventId });
    expect(await second.schedules.list(repository.id)).toEqual([
      {
        repositoryId: repository.id,
        ...line,
        since: 1,
        lastDue: 7,
        last: { done: true, run: { id: run.id, number: 1, status: "pending" } },
      },
    ]);
    await store.repositories.remove(repository.id);
    expect(await store.schedules.list()).toEqual([]);
  });

  it("lists the audit log newest first", async () => {
    const { store } = await fresh();
    for (let at = 0; at < 5; at += 1) {
      const entry = { at, actor: "ada", action: "cancel", subject: `run ${at}`, detail: { at } };
      await store.events.done("of no event", { audit: [entry] });
    }
    const newest = await store.audit.list({ limit: 2 });
    expect(newest).toMatchObject([
      { at: 4, actor: "ada", action: "cancel", subject: "run 4", detail: { at: 4 } },
      { at: 3, actor: "ada", action: "cancel", subject: "run 3", detail: { at: 3 } },
    ]);
    const before = newest.at(-1)?.id ?? "";
    expect((await store.audit.list({ before, limit: 2 })).map((entry) => entry.at)).toEqual([2, 1]);
  });

  it("keeps hostile text as it is, apart from NUL", async () => {
    const { store } = await fresh();
    const shop = await addRepository(store, "'; drop table run; --");
    const title = "\\'\"; $1 ?1 :x\u0000\uD800 𝕏\u202E";
    const event = push({ ref: "refs/heads/'%_\\" });
    const { id: eventId } = await store.events.accept({ repositoryId: shop.id, event, receivedAt: 1 }, "\u0000'");
    const run = await createRun(store, {
      eventId,
      repositoryId: shop.id,
      event,
      title,
      plans: [],
      diagnostics: [],
      createdAt: 1,
      change: change("", 0),
    });
    expect(run.title).toBe("\\'\"; $1 ?1 :x\uFFFD\uFFFD 𝕏\u202E");
    expect(run.event).toEqual(event);
    expect(await store.runs.list({ limit: 5, text: "'%_\\" })).toHaveLength(1);
  });
});
