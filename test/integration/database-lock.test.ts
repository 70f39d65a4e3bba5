import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lockDatabase } from "../../src/store/index.ts";
import { leaveOut } from "../support/missing.ts";
import { Place } from "./running-server.ts";

const postgres = process.env["SLUICE_TEST_POSTGRES"] ?? "";
const name = `sluice_lock_${randomBytes(6).toString("hex")}`;

/** Runs statements in a session of its own. */
async function query(url: string, text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  return client
    .query<Record<string, unknown>>(text)
    .then(({ rows }) => rows)
    .finally(() => client.end());
}

const held =
  "from pg_locks where locktype = 'advisory' and granted and database = (select oid from pg_database where datname = current_database())";

if (postgres === "") leaveOut("two servers on one PostgreSQL", "SLUICE_TEST_POSTGRES is not set");

describe.skipIf(postgres === "")("a database of PostgreSQL", () => {
  let url: string;
  beforeAll(async () => {
    await query(postgres, `create database ${name}`);
    url = Object.assign(new URL(postgres), { pathname: `/${name}` }).href;
  });
  afterAll(async () => void (await query(postgres, `drop database ${name} with (force)`)));

  it("is one server's, whatever its data folder: a second one is refused in plain words, until the first has ended", async () => {
    await using place = await Place.create();
    const settings = { database: url, runner: { embedded: false } };
    const first = await place.start({ ...settings, data: join(place.folder, "one") });
    const second = place.start({ ...settings, data: join(place.folder, "two") });
    await expect(second).rejects.toMatchObject({
      code: "data-locked",
      message: expect.stringMatching(/^Another server is using the database postgres:\/\/[^@]*sluice_lock_/) as unknown,
    });
    expect((await fetch(`${first.url}/readyz`)).status).toBe(200);
    await first.close();
    await place.start({ ...settings, data: join(place.folder, "two") });
  });

  it("is free as soon as the server that had it is killed", async () => {
    const program = `
      import { lockDatabase } from ${JSON.stringify(new URL("../../src/store/index.ts", import.meta.url).href)};
      await lockDatabase(${JSON.stringify(url)});
      console.log("locked");
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    await expect(lockDatabase(url)).rejects.toMatchObject({ code: "data-locked" });
    child.kill("SIGKILL");
    await once(child, "exit");
    await (await lockDatabase(url)).release();
  });

  it("stays the server's when its connection breaks: the lock is taken anew", async () => {
    const lock = await lockDatabase(url);
    const [before] = await query(url, `select pid ${held}`);
    await query(url, `select pg_terminate_backend(pid) ${held}`);
    await expect
      .poll(async () => (await query(url, `select pid ${held}`))[0]?.["pid"] ?? before?.["pid"])
      .not.toBe(before?.["pid"]);
    await expect(lockDatabase(url)).rejects.toMatchObject({ code: "data-locked" });
    await lock.release();
    await (await lockDatabase(url)).release();
  });

  it("is lost, and the server says so, when another takes it while the connection is broken", async () => {
    const lock = await lockDatabase(url);
    const other = new Client({ connectionString: url });
    await other.connect();
    const [row] = await query(url, `select classid::bigint as class, objid::bigint as object, pid ${held}`);
    // It stands in the line, so that it is the next to have it.
    const waiting = other.query(
      "select pg_advisory_lock($1::bigint::int, case when $2::bigint > 2147483647 then $2::bigint - 4294967296 else $2::bigint end::int)",
      [row?.["class"], row?.["object"]],
    );
    await expect
      .poll(
        async () =>
          (await query(url, `select count(*)::int as waiting ${held.replace("granted", "not granted")}`))[0]?.[
            "waiting"
          ],
      )
      .toBeGreaterThan(0);
    await query(url, `select pg_terminate_backend(${String(row?.["pid"])})`);
    await waiting;
    expect(await lock.lost).toMatchObject({ code: "data-locked" });
    await lock.release();
    await other.end();
  });
});

describe("a SQLite file outside of the data folder", () => {
  it("is one server's, too", async () => {
    await using place = await Place.create();
    const settings = { database: `sqlite:${join(place.folder, "shared.db")}`, runner: { embedded: false } };
    await place.start({ ...settings, data: join(place.folder, "one") });
    await expect(place.start({ ...settings, data: join(place.folder, "two") })).rejects.toMatchObject({
      code: "data-locked",
      message: expect.stringContaining("shared.db") as unknown,
    });
  });
});
