import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Client } from "pg";
import { afterEach, describe, expect, it } from "vitest";
import type { Event, Json, JobStatus, Plan } from "../model/index.ts";
import { openStore } from "./open.ts";
import type { JobChange, RepositoryRow, RunChange, RunRow, Store } from "./port.ts";

const postgresUrl = process.env["SLUICE_TEST_POSTGRES"];
if (postgresUrl === undefined) {
  if (process.env["CI"] !== undefined) throw new Error("CI must set SLUICE_TEST_POSTGRES: the store is promised on both databases.");
  console.warn("skipped: the store's suite on PostgreSQL, because SLUICE_TEST_POSTGRES is not set");
}

const databases: readonly { readonly name: string; readonly make: () => Promise<{ url: string; drop: () => Promise<void> }> }[] = [
  { name: "SQLite", make: sqliteFile },
  ...(postgresUrl === undefined ? [] : [{ name: "PostgreSQL", make: () => postgresDatabase(postgresUrl) }]),
];

async function sqliteFile() {
  const dir = await mkdtemp(join(tmpdir(), "sluice-store-"));
  return { url: `sqlite:${join(dir, "sluice.db")}`, drop: () => rm(dir, { recursive: true }) };
}

let databasesMade = 0;
async function postgresDatabase(server: string) {
  databasesMade += 1;
  const name = `sluice_test_${process.pid}_${databasesMade}`;
  const administer = async (statement: string) => {
    const client = new Client(server);
    await client.connect();
    await client.query(statement);
    await client.end();
  };
  await administer(`create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => administer(`drop database ${name} with (force)`) };
}

const sha = "0123456789abcdef0123456789abcdef01234567";

function push(overrides: Partial<Event> = {}): Event {
  return {
    kind: "push",
    repository: { name: "shop", defaultBranch: "main", cloneUrl: "/srv/shop.git" },
    ref: "refs/heads/main",
    sha,
    commit: { message: "Sell more", author: { login: "ada", name: "Ada Lovelace" }, timestamp: "2026-01-01T00:00:00Z" },
    sender: { login: "grace" },
    payload: { nested: { "key\u0000": [1, null, "ü"] } },
    ...overrides,
  };
}

const plan: Plan = {
  version: 1,
  dialect: "actions",
  workflow: ".github/workflows/ci.yml",
  name: "CI",
  source: { path: ".github/workflows/ci.yml", sha },
  needs: [],
  env: {},
  systemEnv: {},
  contexts: {},
  jobs: [],
};

function change(runId: string, expect: number, more: Partial<RunChange> = {}): RunChange {
  return { runId, expect, state: { of: expect + 1 }, run: {}, jobs: [], steps: [], annotations: [], summaries: [], outbox: [], ...more };
}

function job(runId: string, id: string, more: Partial<JobChange> = {}): JobChange {
  return { id, runId, key: id, job: id, workflow: plan.workflow, name: id, status: "queued", labels: ["host"], position: 0, queuedAt: 1, ...more };
}

function addRepository(store: Store, name = "shop"): Promise<RepositoryRow> {
  return store.repositories.add({ name, path: `/srv/${name}.git`, managed: true, defaultBranch: "main", createdAt: 5 });
}

describe.each(databases)("the store on $name", ({ make }) => {
  const cleanups: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
  });

  async function fresh(): Promise<{ store: Store; url: string; again: () => Promise<Store> }> {
    const { url, drop } = await make();
    cleanups.push(drop);
    let time = 1_700_000_000_000;
    const now = () => (time += 1);
    const open = async () => {
      const store = await openStore({ database: url, now });
      cleanups.push(() => store.close());
      return store;
    };
    return { store: await open(), url, again: open };
  }

  let keys = 0;
  async function addRun(store: Store, repository: RepositoryRow, event: Event = push(), begin: Partial<RunChange> = {}): Promise<RunRow> {
    keys += 1;
    const accepted = await store.events.accept({ repositoryId: repository.id, event, receivedAt: 10 }, `key ${keys}`);
    return store.runs.create({ eventId: accepted.id, repositoryId: repository.id, event, title: "Sell more", plans: [plan], diagnostics: [], createdAt: 11, begin: ({ id }) => change(id, 0, begin) });
  }

  it("keeps repositories and refuses a second one of the same name", async () => {
    const { store } = await fresh();
    const shop = await addRepository(store);
    const attached = await store.repositories.add({ name: "attic", path: "/x", managed: false, defaultBranch: "trunk", createdAt: 6 });
    expect(shop).toEqual({ id: shop.id, name: "shop", path: "/srv/shop.git", managed: true, defaultBranch: "main", createdAt: 5 });
    expect(await store.repositories.byName("attic")).toEqual(attached);
    expect(await store.repositories.byId(shop.id)).toEqual(shop);
    expect(await store.repositories.byName("nobody")).toBeUndefined();
    expect(await store.repositories.list()).toEqual([attached, shop]);
    await expect(addRepository(store)).rejects.toMatchObject({ code: "already-exists" });
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
    await store.events.accept({ repositoryId: id, event: push({ kind: "manual", sha: "f".repeat(40) }), receivedAt: 3 }, "by hand");
    expect([...(await store.repositories.tips(id))]).toEqual([["refs/heads/main", sha]]);
    await store.events.accept({ repositoryId: id, event: push({ sha: "0".repeat(40) }), receivedAt: 4 }, "deleted");
    expect((await store.repositories.tips(id)).size).toBe(0);
    const pending = await store.events.pending();
    expect(pending).toHaveLength(3);
    expect(pending[0]).toEqual({ id: first.id, repositoryId: id, event: push(), receivedAt: 1 });
    await store.events.done(first.id);
    expect((await store.events.pending()).map((row) => row.id)).not.toContain(first.id);
  });

  it("accepts one of many simultaneous deliveries of an event", async () => {
    const { store } = await fresh();
    const { id } = await addRepository(store);
    const all = await Promise.all(Array.from({ length: 12 }, () => store.events.accept({ repositoryId: id, event: push(), receivedAt: 1 }, "k")));
    expect(all.filter((each) => each.fresh)).toHaveLength(1);
    expect(new Set(all.map((each) => each.id)).size).toBe(1);
  });

  it("creates a run whole: numbered, with its plans, state, jobs and messages, and its event done", async () => {
    const { store } = await fresh();
    const shop = await addRepository(store);
    const run = await addRun(store, shop, push(), {
      state: { any: ["json", 1] },
      run: { status: "running", startedAt: 12, waitsFor: "a person", workflows: [{ workflow: plan.workflow, name: "CI", dialect: "actions", status: "running" }] },
      outbox: [{ topic: "run", body: { a: 1 } }],
    });
    expect(run).toEqual({
      id: run.id,
      repositoryId: shop.id,
      repository: "shop",
      number: 1,
      attempt: 1,
      status: "running",
      waitsFor: "a person",
      title: "Sell more",
      event: push(),
      workflows: [{ workflow: plan.workflow, name: "CI", dialect: "actions", status: "running" }],
      diagnostics: [],
      version: 1,
      createdAt: 11,
      startedAt: 12,
    });
    expect(await store.runs.byId(run.id)).toEqual(run);
    expect(await store.runs.byNumber(shop.id, 1)).toEqual(run);
    expect(await store.runs.plans(run.id)).toEqual([plan]);
    expect(await store.runs.state(run.id)).toEqual({ state: { any: ["json", 1] }, parts: [], version: 1 });
    expect(await store.events.pending()).toEqual([]);
    expect(await store.outbox.pending(9)).toMatchObject([{ topic: "run", body: { a: 1 }, attempts: 0 }]);
    expect(await store.runs.open()).toEqual([run]);
  });

  it("answers a second creation for an event with the first run, without using up a number", async () => {
    const { store } = await fresh();
    const shop = await addRepository(store);
    const accepted = await store.events.accept({ repositoryId: shop.id, event: push(), receivedAt: 10 }, "once");
    const create = () =>
      store.runs.create({ eventId: accepted.id, repositoryId: shop.id, event: push(), title: "t", plans: [], diagnostics: [], createdAt: 1, begin: ({ id }) => change(id, 0) });
    const made = await Promise.all([create(), create(), create()]);
    expect(new Set(made.map((run) => run.id)).size).toBe(1);
    expect((await addRun(store, shop)).number).toBe(2);
  });

  it("numbers runs of a repository without gaps, also when many are made at once and one fails", async () => {
    const { store } = await fresh();
    const shop = await addRepository(store);
    const other = await addRepository(store, "other");
    const failing = store.events.accept({ repositoryId: shop.id, event: push(), receivedAt: 1 }, "fails").then(({ id }) =>
      store.runs.create({
        eventId: id,
        repositoryId: shop.id,
        event: push(),
        title: "t",
        plans: [],
        diagnostics: [],
        createdAt: 1,
        begin: () => {
          throw new Error("begin failed");
        },
      }),
    );
    const made = Promise.all(Array.from({ length: 10 }, () => addRun(store, shop)));
    await expect(failing).rejects.toThrow("begin failed");
    expect((await made).map((run) => run.number).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect((await addRun(store, other)).number).toBe(1);
    expect(await store.events.pending()).toHaveLength(1);
  });

  it("applies a change whole, keeps what it leaves out, and empties what it sets to null", async () => {
    const { store } = await fresh();
    const run = await addRun(store, await addRepository(store));
    const begun = await store.runs.apply(
      change(run.id, 1, {
        run: { status: "blocked", waitsFor: "a group" },
        jobs: [job(run.id, "J1", { status: "waiting", waitsFor: "needs build", needs: ["build"], detail: { cell: [1] }, position: 7 })],
        steps: [{ jobId: "J1", index: 0, id: "a", name: "A" }],
        annotations: [{ jobId: "J1", step: 0, annotation: { level: "error", message: "no\u0000ne" } }],
        summaries: [{ jobId: "J1", step: 0, markdown: "# Yes" }],
        outbox: [{ topic: "t", body: "later" }],
      }),
    );
    expect(begun).toBe(true);
    expect(await store.runs.byId(run.id)).toMatchObject({ status: "blocked", waitsFor: "a group", version: 2 });
    await store.runs.apply(
      change(run.id, 2, {
        run: { waitsFor: null, finishedAt: 99, status: "success" },
        jobs: [{ id: "J1", runId: run.id, status: "running", waitsFor: null, startedAt: 50, outputs: { v: "1" } }],
        steps: [
          { jobId: "J1", index: 0, status: "failure", exitCode: 0, allowed: true, finishedAt: 60 },
          { jobId: "J1", index: 1, id: "b", name: "B" },
        ],
      }),
    );
    const after = await store.runs.byId(run.id);
    expect(after).toMatchObject({ status: "success", finishedAt: 99, version: 3, attempt: 1 });
    expect(after).not.toHaveProperty("waitsFor");
    expect(await store.jobs.ofRun(run.id)).toEqual([
      {
        id: "J1",
        runId: run.id,
        key: "J1",
        job: "J1",
        workflow: plan.workflow,
        name: "J1",
        attempt: 1,
        status: "running",
        needs: ["build"],
        labels: ["host"],
        position: 7,
        fence: 0,
        detail: { cell: [1] },
        outputs: { v: "1" },
        reported: 0,
        cancelRequested: false,
        queuedAt: 1,
        startedAt: 50,
      },
    ]);
    expect(await store.jobs.stepsOf(["J1"])).toEqual([
      { jobId: "J1", index: 0, id: "a", name: "A", status: "failure", allowed: true, exitCode: 0, finishedAt: 60 },
      { jobId: "J1", index: 1, id: "b", name: "B", status: "pending", allowed: false },
    ]);
    expect(await store.runs.annotations(run.id)).toEqual([{ jobId: "J1", step: 0, annotation: { level: "error", message: "no\u0000ne" } }]);
    expect(await store.runs.summaries(run.id)).toEqual([{ jobId: "J1", step: 0, markdown: "# Yes" }]);
    expect(await store.runs.open()).toEqual([]);
  });

  it("keeps the parts of a state that a change does not touch, in the order of their places", async () => {
    const { store } = await fresh();
    const run = await addRun(store, await addRepository(store));
    const parts = ["c", "a", "b", "d"].map((key, place) => ({ key, place, value: `${key}1` }));
    await store.runs.apply(change(run.id, 1, { parts }));
    expect((await store.runs.state(run.id))?.parts).toEqual(["c1", "a1", "b1", "d1"]);
    await store.runs.apply(change(run.id, 2, { parts: [{ key: "a", place: 9, value: null }, { key: "e", place: 2, value: ["e1"] }], dropped: ["c", "no such part"] }));
    expect((await store.runs.state(run.id))?.parts).toEqual(["b1", ["e1"], "d1", null]);
  });

  it("refuses a change that was computed from an old version, and writes nothing of it", async () => {
    const { store } = await fresh();
    const run = await addRun(store, await addRepository(store));
    const attempts = Array.from({ length: 8 }, (_, index) =>
      store.runs.apply(change(run.id, 1, { state: index, jobs: [job(run.id, `J${index}`)], outbox: [{ topic: "t", body: index }] })),
    );
    expect((await Promise.all(attempts)).filter(Boolean)).toHaveLength(1);
    expect(await store.jobs.ofRun(run.id)).toHaveLength(1);
    expect(await store.outbox.pending(9)).toHaveLength(1);
    expect((await store.runs.state(run.id))?.version).toBe(2);
    expect(await store.runs.apply(change("nobody", 1))).toBe(false);
  });

  it("writes nothing of a change that cannot be written to its end", async () => {
    const { store } = await fresh();
    const run = await addRun(store, await addRepository(store));
    const broken = change(run.id, 1, { jobs: [job(run.id, "J1")], steps: [{ jobId: "not a job", index: 0 }] });
    await expect(store.runs.apply(broken)).rejects.toThrow(/foreign key/i);
    expect(await store.jobs.ofRun(run.id)).toEqual([]);
    expect((await store.runs.state(run.id))?.version).toBe(1);
    expect(await store.runs.apply(change(run.id, 1))).toBe(true);
  });

  it("lists runs newest first, in pages, by repository, state and text", async () => {
    const { store } = await fresh();
    const shop = await addRepository(store);
    const other = await addRepository(store, "other");
    const runs: RunRow[] = [];
    for (let index = 0; index < 5; index += 1) runs.push(await addRun(store, shop, push({ ref: `refs/heads/Feature_${index}` })));
    const elsewhere = await addRun(store, other, push({ sha: `abc${"1".repeat(37)}`, sender: { login: "Hildegard%" } }), { run: { status: "failure" } });
    const numbers = async (filter: Partial<Parameters<Store["runs"]["list"]>[0]>) => (await store.runs.list({ limit: 10, repository: shop.id, ...filter })).map((run) => run.number);

    expect(await numbers({ limit: 2 })).toEqual([5, 4]);
    expect(await numbers({ limit: 2, before: runs[3]?.id ?? "" })).toEqual([3, 2]);
    expect(await numbers({ text: "feature_3" })).toEqual([4]);
    expect(await numbers({ text: "lovelace" })).toHaveLength(5);
    expect(await numbers({ text: "featureX3" })).toEqual([]);
    expect(await numbers({ text: "%" })).toEqual([]);
    expect(await numbers({ text: "01234567" })).toHaveLength(5);
    expect(await numbers({ text: "1234567" })).toEqual([]);
    expect(await numbers({ text: "\\" })).toEqual([]);
    expect(await numbers({ text: "#3" })).toEqual([3]);
    expect(await numbers({ text: "no-such-repository #3" })).toEqual([]);
    const everywhere = await store.runs.list({ limit: 10, status: ["failure", "success"] });
    expect(everywhere.map((run) => run.id)).toEqual([elsewhere.id]);
    expect(await store.runs.list({ limit: 10, text: "hildegard%" })).toHaveLength(1);
    expect(await store.runs.list({ limit: 10, text: "ABC111" })).toHaveLength(1);
    expect(await store.runs.list({ limit: 10, status: [] })).toEqual([]);
  });

  it("hands out queued jobs oldest first, only to runners with all their labels", async () => {
    const { store } = await fresh();
    const run = await addRun(store, await addRepository(store));
    await store.runs.apply(
      change(run.id, 1, {
        jobs: [
          job(run.id, "J1", { queuedAt: 20, position: 1, labels: ["linux", "host"] }),
          job(run.id, "J2", { queuedAt: 10, position: 2, labels: ["gpu"] }),
          job(run.id, "J3", { queuedAt: 20, position: 0, labels: ["host"] }),
          job(run.id, "J4", { queuedAt: 15, position: 9, labels: [] }),
          job(run.id, "J5", { status: "waiting" }),
        ],
      }),
    );
    expect((await store.jobs.queued()).map((row) => row.id)).toEqual(["J2", "J4", "J3", "J1"]);
    expect(await store.jobs.take({ runnerId: "R", labels: ["host", "linux"], limit: 0, now: 30 })).toEqual([]);
    const first = await store.jobs.take({ runnerId: "R", labels: ["host", "linux"], limit: 2, now: 30 });
    expect(first.map((row) => row.id)).toEqual(["J4", "J3"]);
    expect(first[0]).toMatchObject({ status: "running", runnerId: "R", fence: 1, heartbeatAt: 30 });
    expect((await store.jobs.take({ runnerId: "R", labels: ["host"], limit: 9, now: 31 })).map((row) => row.id)).toEqual([]);
    expect((await store.jobs.take({ runnerId: "R", labels: ["linux", "host"], limit: 9, now: 31 })).map((row) => row.id)).toEqual(["J1"]);
    expect((await store.jobs.running()).map((row) => row.id)).toEqual(["J1", "J3", "J4"]);
    expect((await store.jobs.queued()).map((row) => row.id)).toEqual(["J2"]);
  });

  it("gives a job to one of many takers only", async () => {
    const { store, again } = await fresh();
    const second = await again();
    const run = await addRun(store, await addRepository(store));
    const ids = Array.from({ length: 40 }, (_, index) => `J${index}`);
    await store.runs.apply(change(run.id, 1, { jobs: ids.map((id, position) => job(run.id, id, { position })) }));
    const takers = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? store : second).jobs.take({ runnerId: `R${index}`, labels: ["host"], limit: 3, now: 2 }));
    const taken = (await Promise.all(takers)).flat().map((row) => row.id);
    expect(new Set(taken).size).toBe(taken.length);
    const rest = await store.jobs.take({ runnerId: "last", labels: ["host"], limit: 40, now: 3 });
    expect([...taken, ...rest.map((row) => row.id)].toSorted()).toEqual(ids.toSorted());
  });

  it("takes heartbeats only for the lease in force", async () => {
    const { store } = await fresh();
    const run = await addRun(store, await addRepository(store));
    await store.runs.apply(change(run.id, 1, { jobs: [job(run.id, "J1")] }));
    expect(await store.jobs.heartbeat("J1", 0, 5)).toBe(false);
    await store.jobs.take({ runnerId: "R", labels: ["host"], limit: 1, now: 6 });
    expect(await store.jobs.heartbeat("J1", 1, 7)).toBe(true);
    expect(await store.jobs.heartbeat("J1", 2, 8)).toBe(false);
    await store.jobs.requestCancel("J1");
    expect(await store.jobs.byId("J1")).toMatchObject({ heartbeatAt: 7, cancelRequested: true });
    await store.runs.apply(change(run.id, 2, { jobs: [{ id: "J1", runId: run.id, status: "success" }] }));
    expect(await store.jobs.heartbeat("J1", 1, 9)).toBe(false);
  });

  it("reads the steps of any number of jobs", async () => {
    const { store } = await fresh();
    const run = await addRun(store, await addRepository(store));
    await store.runs.apply(change(run.id, 1, { jobs: [job(run.id, "J1")], steps: [{ jobId: "J1", index: 3 }] }));
    const many = [...Array.from({ length: 2_500 }, (_, index) => `none ${index}`), "J1"];
    expect(await store.jobs.stepsOf(many)).toHaveLength(1);
    expect(await store.jobs.stepsOf([])).toEqual([]);
  });

  it("forgets a repository with all that hangs on it, and says which files are left over", async () => {
    const { store } = await fresh();
    const shop = await addRepository(store);
    const run = await addRun(store, shop);
    await store.runs.apply(
      change(run.id, 1, { jobs: [job(run.id, "J1")], steps: [{ jobId: "J1", index: 0 }], summaries: [{ jobId: "J1", step: 0, markdown: "x" }] }),
    );
    await store.artifacts.add({ runId: run.id, jobId: "J1", name: "a", bytes: 1, blob: "blob-a", createdAt: 1, expiresAt: 2 }, false);
    await store.caches.add({ repositoryId: shop.id, scope: "main", key: "k", version: "v", bytes: 1, blob: "blob-c", createdAt: 1, usedAt: 1 });
    await store.groups.save(shop.id, "deploy", { holder: "x" }, 0);
    await store.repositories.setTips(shop.id, new Map([["refs/heads/x", "1"]]));
    expect(await store.repositories.remove(shop.id)).toEqual({ jobs: ["J1"], blobs: ["blob-a", "blob-c"] });
    expect(await store.runs.byId(run.id)).toBeUndefined();
    expect(await store.jobs.byId("J1")).toBeUndefined();
    expect(await store.jobs.stepsOf(["J1"])).toEqual([]);
    expect(await store.artifacts.ofRun(run.id)).toEqual([]);
    expect(await store.groups.list()).toEqual([]);
    expect(await store.repositories.remove(shop.id)).toEqual({ jobs: [], blobs: [] });
  });

  it("keeps runners, and a removed runner's tokens go with it", async () => {
    const { store } = await fresh();
    await store.runners.save({ id: "R1", name: "one", labels: ["a"], capacity: 1, lastSeenAt: 1 });
    await store.runners.save({ id: "R1", name: "one", labels: ["a", "b"], capacity: 2, lastSeenAt: 2 });
    await store.runners.seen("R1", 9);
    expect(await store.runners.list()).toEqual([{ id: "R1", name: "one", labels: ["a", "b"], capacity: 2, lastSeenAt: 9 }]);
    const token = await store.tokens.add({ name: "runner one", role: "runner", runnerId: "R1", createdAt: 3 }, "hash1");
    const admin = await store.tokens.add({ name: "admin", role: "admin", createdAt: 4 }, "hash2");
    expect(await store.tokens.byHash("hash1")).toEqual(token);
    expect(await store.tokens.byHash("hash2")).toEqual({ id: admin.id, name: "admin", role: "admin", createdAt: 4 });
    await expect(store.tokens.add({ name: "again", role: "viewer", createdAt: 5 }, "hash2")).rejects.toMatchObject({ code: "already-exists" });
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
      store.caches.add({ repositoryId: id, scope, key, version, bytes: createdAt, blob: `${scope}/${key}`, createdAt, usedAt: createdAt });
    expect(await add("main", "npm-1", 1)).toBe(true);
    expect(await add("main", "npm-1", 2)).toBe(false);
    await add("main", "npm-2", 3);
    await add("main", "NPM-3", 4);
    await add("main", "npm%x", 5, "v2");
    await add("topic", "npm-0", 1);
    const find = async (scopes: string[], key: string, restore: string[], version = "v1") => (await store.caches.find(id, scopes, key, restore, version))?.blob;
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

  it("delivers the outbox oldest first and counts failures", async () => {
    const { store } = await fresh();
    const run = await addRun(store, await addRepository(store));
    await store.runs.apply(change(run.id, 1, { outbox: Array.from({ length: 20 }, (_, body) => ({ topic: "t", body })) }));
    const pending = await store.outbox.pending(50);
    expect(pending.map((row) => row.body)).toEqual(Array.from({ length: 20 }, (_, index) => index));
    await store.outbox.failed(pending[0]?.id ?? "", "it broke");
    await store.outbox.delivered(pending[1]?.id ?? "");
    expect((await store.outbox.pending(2)).map((row) => [row.body, row.attempts])).toEqual([
      [0, 1],
      [2, 0],
    ]);
  });

  it("saves a concurrency group only from its present version", async () => {
    const { store } = await fresh();
    const { id } = await addRepository(store);
    expect(await store.groups.state(id, "g")).toBeUndefined();
    expect(await Promise.all([store.groups.save(id, "g", { a: 1 }, 0), store.groups.save(id, "g", { a: 2 }, 0)])).toEqual([true, false]);
    expect(await store.groups.state(id, "g")).toEqual({ state: { a: 1 }, version: 1 });
    expect(await store.groups.save(id, "g", [2] as Json, 1)).toBe(true);
    expect(await store.groups.save(id, "g", [3], 1)).toBe(false);
    expect(await store.groups.list()).toEqual([{ repositoryId: id, group: "g", state: [2], version: 2 }]);
    expect(await store.groups.save(id, "g", null, 1)).toBe(false);
    expect(await store.groups.save(id, "g", null, 2)).toBe(true);
    expect(await store.groups.state(id, "g")).toBeUndefined();
  });

  it("keeps what a schedule has been through while its line stands, and forgets it with the line", async () => {
    const { store } = await fresh();
    const { id } = await addRepository(store);
    const other = await addRepository(store, "other");
    const [daily, tokyo, hourly] = [{ cron: "0 3 * * *", timeZone: "UTC" }, { cron: "0 3 * * *", timeZone: "Asia/Tokyo" }, { cron: "@hourly", timeZone: "UTC" }];
    expect(await store.schedules.replace(id, [daily, tokyo], 100)).toEqual([
      { repositoryId: id, cron: "0 3 * * *", timeZone: "Asia/Tokyo", since: 100 },
      { repositoryId: id, cron: "0 3 * * *", timeZone: "UTC", since: 100 },
    ]);
    await store.schedules.replace(other.id, [daily], 150);
    const run = await addRun(store, await addRepository(store, "third"));
    const event = await store.events.accept({ repositoryId: id, event: push({ kind: "schedule" }), receivedAt: 1 }, "due");
    await store.schedules.note({ repositoryId: id, ...daily }, { due: 1_795_000_000_000, event: event.id });
    await store.schedules.note({ repositoryId: id, ...tokyo }, { due: 300 });
    expect(await store.schedules.replace(id, [hourly, daily], 500)).toEqual([
      { repositoryId: id, cron: "0 3 * * *", timeZone: "UTC", since: 100, lastDue: 1_795_000_000_000, last: { done: false } },
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
    await Promise.all([store.schedules.replace(repository.id, [line], 1), second.schedules.replace(repository.id, [line], 1)]);
    const event = push({ kind: "schedule" });
    const accepted = await Promise.all([store, second].map((each) => each.events.accept({ repositoryId: repository.id, event, receivedAt: 1 }, "due")));
    expect(accepted.filter(({ fresh: first }) => first)).toHaveLength(1);
    const eventId = accepted[0]?.id ?? "";
    const run = await store.runs.create({ eventId, repositoryId: repository.id, event, title: "x", plans: [plan], diagnostics: [], createdAt: 11, begin: ({ id }) => change(id, 0) });
    await store.schedules.note({ repositoryId: repository.id, ...line }, { due: 7, event: eventId });
    expect(await second.schedules.list(repository.id)).toEqual([{ repositoryId: repository.id, ...line, since: 1, lastDue: 7, last: { done: true, run: { id: run.id, number: 1, status: "pending" } } }]);
    await store.repositories.remove(repository.id);
    expect(await store.schedules.list()).toEqual([]);
  });

  it("lists the audit log newest first", async () => {
    const { store } = await fresh();
    for (let at = 0; at < 5; at += 1) await store.audit.add({ at, actor: "ada", action: "cancel", subject: `run ${at}`, detail: { at } });
    expect(await store.audit.list(2)).toEqual([
      { at: 4, actor: "ada", action: "cancel", subject: "run 4", detail: { at: 4 } },
      { at: 3, actor: "ada", action: "cancel", subject: "run 3", detail: { at: 3 } },
    ]);
  });

  it("keeps hostile text as it is, apart from NUL", async () => {
    const { store } = await fresh();
    const shop = await addRepository(store, "'; drop table run; --");
    const title = "\\'\"; $1 ?1 :x\u0000\uD800 𝕏\u202E";
    const event = push({ ref: "refs/heads/'%_\\" });
    const { id: eventId } = await store.events.accept({ repositoryId: shop.id, event, receivedAt: 1 }, "\u0000'");
    const run = await store.runs.create({ eventId, repositoryId: shop.id, event, title, plans: [], diagnostics: [], createdAt: 1, begin: ({ id }) => change(id, 0) });
    expect(run.title).toBe("\\'\"; $1 ?1 :x\uFFFD\uFFFD 𝕏\u202E");
    expect(run.event).toEqual(event);
    expect(await store.runs.list({ limit: 5, text: "'%_\\" })).toHaveLength(1);
  });

  it("is there again when it is opened again, and refuses a schema it does not know", async () => {
    const { store, url, again } = await fresh();
    await addRepository(store);
    const second = await again();
    expect(await second.repositories.list()).toHaveLength(1);
    await execute(url, "insert into sluice_schema (version, name, applied_at) values (999, 'later', 0)");
    await expect(again()).rejects.toMatchObject({ code: "schema-newer" });
  });

  it("takes apart the states that an earlier version stored whole", async () => {
    const { store, url, again } = await fresh();
    const run = await addRun(store, await addRepository(store));
    await store.runs.apply(change(run.id, 1, { jobs: [job(run.id, "J1", { position: 1000 }), job(run.id, "J2", { position: 7 })] }));
    const jobs = [{ key: "w/it's", status: "queued" }, { key: "w/b", status: "waiting" }];
    const whole = JSON.stringify({ engine: { version: 1, jobs, status: "running" }, rows: { "w/it's": "J1", "w/b": "J2" }, broken: [] });
    await execute(url, `update run_state set state = '${whole.replaceAll("'", "''")}'`);
    await execute(url, "drop table run_state_part");
    await execute(url, "drop table schedule");
    await execute(url, "delete from sluice_schema where version >= 2");
    const later = await again();
    expect(await later.runs.state(run.id)).toEqual({
      state: { engine: { version: 1, status: "running" }, broken: [] },
      parts: [{ job: jobs[1], row: "J2" }, { job: jobs[0], row: "J1" }],
      version: 2,
    });
  });

  it("migrates once when several servers open a new database at the same time", async () => {
    const { url, drop } = await make();
    cleanups.push(drop);
    const stores = await Promise.all(Array.from({ length: 4 }, () => openStore({ database: url, now: () => 1 })));
    cleanups.push(...stores.map((store) => () => store.close()));
    await Promise.all(stores.map((store, index) => addRepository(store, `r${index}`)));
    expect(await stores[0]?.repositories.list()).toHaveLength(4);
  });

  const states: readonly JobStatus[] = ["waiting", "running", "success", "failure", "cancelled", "skipped", "lost"];
  it.each(states)("never hands out a job that is %s", async (status) => {
    const { store } = await fresh();
    const run = await addRun(store, await addRepository(store));
    await store.runs.apply(change(run.id, 1, { jobs: [job(run.id, "J1", { status })] }));
    expect(await store.jobs.take({ runnerId: "R", labels: ["host"], limit: 1, now: 6 })).toEqual([]);
  });
});

/** Writes to the database beside the store. */
async function execute(url: string, statement: string): Promise<void> {
  if (url.startsWith("sqlite:")) {
    const database = new DatabaseSync(url.slice("sqlite:".length));
    database.exec(statement);
    database.close();
    return;
  }
  const client = new Client(url);
  await client.connect();
  await client.query(statement);
  await client.end();
}

describe("opening", () => {
  it.each(["mysql://u:secret@h/d", "", "sqlite:", "/some/file"])("refuses the address %j without showing a password", async (database) => {
    const failure = await openStore({ database, now: () => 0 }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "config-invalid" });
    expect(String(failure)).not.toContain("secret");
  });

  it("says so when a PostgreSQL server cannot be reached, without showing the password", async () => {
    const failure = await openStore({ database: "postgres://u:secret@127.0.0.1:1/x", now: () => 0 }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "unavailable" });
    expect(String(failure)).not.toContain("secret");
  });

  it("keeps a database in memory", async () => {
    const store = await openStore({ database: ":memory:", now: () => 0 });
    expect(await store.runs.open()).toEqual([]);
    await store.close();
  });
});
