import { DatabaseSync } from "node:sqlite";
import { Client } from "pg";
import { describe, expect, it } from "vitest";
import { foundation } from "./migrations/0001-foundation.ts";
import { openStore } from "./open.ts";
import { addRepository, eachDatabase, push } from "./testbed.ts";

eachDatabase("a database", ({ make, cleanups, fresh }) => {
  it("keeps its content across reopening, and refuses an unknown schema", async () => {
    const { store, url, again } = await fresh();
    await addRepository(store);
    const second = await again();
    expect(await second.repositories.list()).toHaveLength(1);
    await execute(url, ["insert into sluice_schema (version, name, applied_at) values (999, 'later', 0)"]);
    await expect(again()).rejects.toMatchObject({ code: "schema-newer" });
  });

  it("takes apart the states that an earlier version stored whole", async () => {
    const { url, drop } = await make();
    cleanups.push(drop);
    const jobs = [
      { key: "w/it's", status: "queued" },
      { key: "w/b", status: "waiting" },
    ];
    const whole = JSON.stringify({
      engine: { version: 1, jobs, status: "running" },
      rows: { "w/it's": "J1", "w/b": "J2" },
      broken: [],
    });
    await execute(url, [
      ...firstVersion,
      repository("S", "shop"),
      `insert into event values ('E', 'S', 'key', '${JSON.stringify(push()).replaceAll("'", "''")}', 1, 1)`,
      `insert into run values ('R', 'S', 'E', 1, 1, 'running', null, 't', '', '', '[]', '[]', 2, 1, 1, null)`,
      `insert into run_plan values ('R', '[]')`,
      `insert into run_state values ('R', '${whole.replaceAll("'", "''")}')`,
      queuedJob("J1", 1000),
      queuedJob("J2", 7),
    ]);
    const store = await openStore({ database: url, now: () => 1 });
    cleanups.push(() => store.close());
    expect(await store.runs.state("R")).toEqual({
      state: JSON.stringify({ engine: { version: 1, status: "running" }, broken: [] }),
      parts: [JSON.stringify({ job: jobs[1], row: "J2" }), JSON.stringify({ job: jobs[0], row: "J1" })],
      version: 2,
    });
    // What an earlier version would have taken up from memory after its start is left as messages.
    expect((await store.messages.deliverable(1, 9)).map((message) => message.topic)).toEqual([
      "logs.measure",
      "run.resume",
    ]);
  });

  it("keeps the repositories of a version that knew plain git alone", async () => {
    const { url, drop } = await make();
    cleanups.push(drop);
    await execute(url, [...firstVersion, repository("S", "shop"), repository("L", "loft")]);
    const store = await openStore({ database: url, now: () => 1 });
    cleanups.push(() => store.close());
    const shop = await store.repositories.byId("S");
    expect(shop).toEqual({
      id: "S",
      name: "shop",
      forge: "git",
      remoteId: expect.stringMatching(/^[0-9a-f]{32}$/),
      defaultBranch: "main",
      createdAt: 5,
    });
    expect(await store.gitRepositories.byId(shop?.remoteId ?? "")).toEqual({
      remoteId: shop?.remoteId,
      path: "/srv/shop.git",
      managed: true,
    });
    expect((await store.repositories.byId("L"))?.remoteId).not.toBe(shop?.remoteId);
  });

  it("tells two repositories apart that an earlier version attached from one path", async () => {
    const { url, drop } = await make();
    cleanups.push(drop);
    await execute(url, [...firstVersion, repository("S", "shop"), repository("L", "loft", "/srv/shop.git")]);
    const store = await openStore({ database: url, now: () => 1 });
    cleanups.push(() => store.close());
    const ids = (await store.repositories.list()).map((row) => row.remoteId);
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(await store.gitRepositories.byId(id)).toMatchObject({ path: "/srv/shop.git" });
  });

  it("migrates once when several servers open a new database at the same time", async () => {
    const { url, drop } = await make();
    cleanups.push(drop);
    const stores = await Promise.all(Array.from({ length: 4 }, () => openStore({ database: url, now: () => 1 })));
    cleanups.push(...stores.map((store) => () => store.close()));
    await Promise.all(stores.map((store, index) => addRepository(store, `r${index}`)));
    expect(await stores[0]?.repositories.list()).toHaveLength(4);
  });
});

/** Makes a database as the first version of the schema had it. */
const firstVersion = [
  ...foundation,
  "create table sluice_schema (version integer primary key, name text not null, applied_at bigint not null)",
  "insert into sluice_schema values (1, 'foundation', 1)",
];

function repository(id: string, name: string, path = `/srv/${name}.git`): string {
  return `insert into repository values ('${id}', '${name}', '${path}', 1, 'main', 1, 5)`;
}

function queuedJob(id: string, position: number): string {
  return `insert into job values ('${id}', 'R', '${id}', '${id}', 'w', '${id}', 1, 'queued', null, null, '[]', '[]', ${position}, 0, null, '{}', '{}', 0, 0, null, 1, null, null)`;
}

/** Writes to the database beside the store. */
async function execute(url: string, statements: readonly string[]): Promise<void> {
  const text = statements.join(";\n");
  if (url.startsWith("sqlite:")) {
    const database = new DatabaseSync(url.slice("sqlite:".length));
    database.exec(text);
    database.close();
    return;
  }
  const client = new Client(url);
  await client.connect();
  await client.query(text);
  await client.end();
}

describe("opening", () => {
  it.each(["mysql://u:secret@h/d", "", "sqlite:", "/some/file"])(
    "refuses the address %j without showing a password",
    async (database) => {
      const failure = await openStore({ database, now: () => 0 }).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: "config-invalid" });
      expect(String(failure)).not.toContain("secret");
    },
  );

  it("says so when a PostgreSQL server cannot be reached, without showing the password", async () => {
    const failure = await openStore({ database: "postgres://u:secret@127.0.0.1:1/x", now: () => 0 }).catch(
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ code: "unavailable" });
    expect(String(failure)).not.toContain("secret");
  });

  it("keeps a database in memory", async () => {
    const store = await openStore({ database: ":memory:", now: () => 0 });
    expect(await store.runs.open()).toEqual([]);
    await store.close();
  });
});
