import { DatabaseSync } from "node:sqlite";
import { Client } from "pg";
import { describe, expect, it } from "vitest";
import { openStore } from "./open.ts";
import { addRepository, change, eachDatabase, job } from "./testbed.ts";

eachDatabase("a database", ({ make, cleanups, fresh, addRun }) => {
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
    await store.runs.apply(
      change(run.id, 1, { jobs: [job(run.id, "J1", { position: 1000 }), job(run.id, "J2", { position: 7 })] }),
    );
    const jobs = [
      { key: "w/it's", status: "queued" },
      { key: "w/b", status: "waiting" },
    ];
    const whole = JSON.stringify({
      engine: { version: 1, jobs, status: "running" },
      rows: { "w/it's": "J1", "w/b": "J2" },
      broken: [],
    });
    await execute(url, `update run_state set state = '${whole.replaceAll("'", "''")}'`);
    for (const statement of beforeForges) await execute(url, statement);
    await execute(url, "drop table run_state_part");
    await execute(url, "drop table schedule");
    await execute(url, "delete from sluice_schema where version >= 2");
    const later = await again();
    expect(await later.runs.state(run.id)).toEqual({
      state: { engine: { version: 1, status: "running" }, broken: [] },
      parts: [
        { job: jobs[1], row: "J2" },
        { job: jobs[0], row: "J1" },
      ],
      version: 2,
    });
  });

  it("keeps the repositories of a version that knew plain git alone", async () => {
    const { store, url, again } = await fresh();
    const [shop, loft] = [await addRepository(store), await addRepository(store, "loft")];
    for (const statement of beforeForges) await execute(url, statement);
    await execute(url, `update repository set path = '/srv/shop.git', managed = 1 where id = '${shop.id}'`);
    const later = await again();
    const stored = await later.repositories.byId(shop.id);
    expect(stored).toEqual({ ...shop, remoteId: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect(await later.gitRepositories.byId(stored?.remoteId ?? "")).toEqual({
      remoteId: stored?.remoteId,
      path: "/srv/shop.git",
      managed: true,
    });
    expect((await later.repositories.byId(loft.id))?.remoteId).not.toBe(stored?.remoteId);
  });

  it("tells two repositories apart that an earlier version attached from one path", async () => {
    const { store, url, again } = await fresh();
    for (const name of ["shop", "loft"]) await addRepository(store, name);
    for (const statement of beforeForges) await execute(url, statement);
    await execute(url, "update repository set path = '/srv/shop.git'");
    const later = await again();
    const ids = (await later.repositories.list()).map((row) => row.remoteId);
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(await later.gitRepositories.byId(id)).toMatchObject({ path: "/srv/shop.git" });
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

/** Takes a database back to where repositories had no forge. */
const beforeForges = [
  "drop index repository_of_forge",
  "drop table git_repository",
  "alter table repository drop column forge",
  "alter table repository drop column remote_id",
  "alter table repository add column path text not null default ''",
  "alter table repository add column managed integer not null default 0",
  "delete from sluice_schema where version >= 4",
];

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
