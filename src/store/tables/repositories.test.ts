import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { longestIndexed } from "../../model/index.ts";
import { addRepository, change, eachDatabase, job, push, sha } from "../testbed.ts";

/** So many characters that do not become fewer when they are packed. */
const noise = (count: number): string => randomBytes(count / 2).toString("hex");

eachDatabase("repositories and events", ({ fresh, addRun }) => {
  it("keeps repositories and refuses a second one of the same name", async () => {
    const { store } = await fresh();
    const shop = await addRepository(store);
    const attached = await store.repositories.add({
      forge: "hub",
      remoteId: "7",
      name: "attic",
      defaultBranch: "trunk",
      createdAt: 6,
    });
    expect(shop).toEqual({
      id: shop.id,
      forge: "git",
      remoteId: "id of shop",
      name: "shop",
      defaultBranch: "main",
      createdAt: 5,
    });
    expect(await store.repositories.byName("attic")).toEqual(attached);
    expect(await store.repositories.byId(shop.id)).toEqual(shop);
    expect(await store.repositories.byName("nobody")).toBeUndefined();
    expect(await store.repositories.list()).toEqual([attached, shop]);
    expect(await store.repositories.byRemote("hub", "7")).toEqual(attached);
    expect(await store.repositories.byRemote("git", "7")).toBeUndefined();
    await expect(addRepository(store)).rejects.toMatchObject({ code: "already-exists" });
    const { id: _id, ...same } = attached;
    await expect(store.repositories.add({ ...same, name: "loft" })).rejects.toMatchObject({
      code: "already-exists",
      message: "loft is already registered as attic.",
    });
  });

  it("keeps where plain git has its repositories, the first that it was told of each", async () => {
    const { store } = await fresh();
    const shop = { remoteId: "1", path: "/srv/shop.git", managed: true };
    await store.gitRepositories.add(shop);
    await store.gitRepositories.add({ ...shop, managed: false });
    expect(await store.gitRepositories.byId("1")).toEqual(shop);
    await store.gitRepositories.remove("1");
    expect(await store.gitRepositories.byId("1")).toBeUndefined();
  });

  it("remembers and forgets the tip of a ref", async () => {
    const { store } = await fresh();
    const { id } = await addRepository(store);
    await store.repositories.setTips(id, new Map([["refs/heads/a", "1"]]));
    await store.repositories.setTips(id, new Map([["refs/heads/b", "2"]]));
    await store.repositories.setTips(id, new Map([["refs/heads/a", "3"]]));
    await store.repositories.setTips(id, new Map([["refs/heads/b", null]]));
    expect([...(await store.repositories.tips(id))]).toEqual([["refs/heads/a", "3"]]);
  });

  it("accepts an event once per dedupe key and moves the tip of a pushed ref only", async () => {
    const { store } = await fresh();
    const { id } = await addRepository(store);
    const first = await store.events.accept({ repositoryId: id, event: push(), receivedAt: 1 }, "k");
    const again = await store.events.accept({ repositoryId: id, event: push(), receivedAt: 2 }, "k");
    expect(first.fresh).toBe(true);
    expect(again).toEqual({ id: first.id, fresh: false });
    await store.events.accept(
      { repositoryId: id, event: push({ kind: "manual", sha: "f".repeat(40) }), receivedAt: 3 },
      "by hand",
    );
    expect([...(await store.repositories.tips(id))]).toEqual([["refs/heads/main", sha]]);
    await store.events.accept({ repositoryId: id, event: push({ sha: "0".repeat(40) }), receivedAt: 4 }, "deleted");
    expect((await store.repositories.tips(id)).size).toBe(0);
    expect(await store.events.byId(first.id)).toEqual({ id: first.id, repositoryId: id, event: push(), receivedAt: 1 });
  });

  it("stores the effects of an event once, with the event", async () => {
    const { store } = await fresh();
    const { id } = await addRepository(store);
    const accept = () =>
      store.events.accept({ repositoryId: id, event: push(), receivedAt: 1 }, "k", (event) => ({
        messages: [{ topic: "event", body: event }],
      }));
    const [first] = [await accept(), await accept()];
    const [message, ...others] = await store.messages.deliverable(1, 9);
    expect(others).toEqual([]);
    expect(message?.body).toBe(first.id);
    const settles = message?.id ?? 0;
    expect(await store.events.done(first.id, { settles })).toBe(true);
    expect(await store.events.done(first.id, { settles })).toBe(false);
    expect(await store.messages.count()).toBe(0);
  });

  it("accepts one of many simultaneous deliveries of an event", async () => {
    const { store } = await fresh();
    const { id } = await addRepository(store);
    const all = await Promise.all(
      Array.from({ length: 12 }, () => store.events.accept({ repositoryId: id, event: push(), receivedAt: 1 }, "k")),
    );
    expect(all.filter((each) => each.fresh)).toHaveLength(1);
    expect(new Set(all.map((each) => each.id)).size).toBe(1);
  });

  it("keeps the longest names that are let in, of characters that cannot be packed", async () => {
    const { store } = await fresh();
    const shop = await addRepository(store, "s".repeat(201));
    const ref = `refs/heads/${noise(1012)}`;
    await store.repositories.setTips(shop.id, new Map([[ref, sha]]));
    await store.events.accept(
      { repositoryId: shop.id, event: push(), receivedAt: 1 },
      `git:${shop.name}:push:${ref}:${sha}:${sha}:${noise(254)}`,
    );
    expect(await store.groups.save(shop.id, noise(longestIndexed), "{}", 0)).toBe(true);
    const run = await addRun(store, shop);
    await store.runs.apply(change(run.id, 1, { jobs: [job(run.id, "J1", { labels: [noise(longestIndexed - 4)] })] }));
    const cache = {
      repositoryId: shop.id,
      scope: ref,
      key: noise(1024),
      version: noise(64),
      bytes: 1,
      blob: "b",
      createdAt: 1,
      usedAt: 1,
    };
    expect(await store.caches.add(cache)).toBe(true);
  });

  it("forgets a repository with all that hangs on it, and says which files are left over", async () => {
    const { store } = await fresh();
    const shop = await addRepository(store);
    const run = await addRun(store, shop);
    await store.runs.apply(
      change(run.id, 1, {
        jobs: [job(run.id, "J1")],
        steps: [{ jobId: "J1", index: 0 }],
        summaries: [{ jobId: "J1", step: 0, markdown: "x" }],
      }),
    );
    await store.artifacts.add(
      { runId: run.id, jobId: "J1", name: "a", bytes: 1, blob: "blob-a", createdAt: 1, expiresAt: 2 },
      false,
    );
    await store.caches.add({
      repositoryId: shop.id,
      scope: "main",
      key: "k",
      version: "v",
      bytes: 1,
      blob: "blob-c",
      createdAt: 1,
      usedAt: 1,
    });
    await store.groups.save(shop.id, "deploy", "{}", 0);
    await store.repositories.setTips(shop.id, new Map([["refs/heads/x", "1"]]));
    expect(await store.repositories.remove(shop.id)).toEqual({ jobs: ["J1"], blobs: ["blob-a", "blob-c"] });
    expect(await store.runs.byId(run.id)).toBeUndefined();
    expect(await store.jobs.byId("J1")).toBeUndefined();
    expect(await store.jobs.stepsOf(["J1"])).toEqual([]);
    expect(await store.artifacts.ofRun(run.id)).toEqual([]);
    expect(await store.groups.list()).toEqual([]);
    expect(await store.repositories.remove(shop.id)).toEqual({ jobs: [], blobs: [] });
  });
});
