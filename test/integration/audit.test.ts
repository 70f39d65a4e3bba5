import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunningServer } from "../../src/server/index.ts";
import { Place, client, eventually, remote } from "./running-server.ts";

const workflow = `on:
  workflow_dispatch:
  schedule: [{cron: '0 3 1 1 *'}]
jobs: {a: {runs-on: nobody-has-this, steps: [{run: echo hello}]}}
`;

let place: Place;
let server: RunningServer;
let api: ReturnType<typeof client>;
let database: DatabaseSync;

beforeAll(async () => {
  place = await Place.create();
  server = await place.start();
  const token = server.firstToken ?? "";
  api = client(server.url, token);
  const tree = await place.tree("tree", { ".github/workflows/ci.yml": workflow });
  await place.git(tree, "push", "--quiet", remote(server, "app", token), "main");
  // The push has been taken in once its schedule is known.
  await eventually(async () => (await ids("schedules"))[0]);
  database = new DatabaseSync(join(place.folder, "data", "sluice.db"));
});
afterAll(async () => {
  database.close();
  await place[Symbol.asyncDispose]();
});

/** Entries of the log since the last call, oldest first. */
function entries(): readonly string[] {
  const rows = database.prepare("select id, actor, action, subject from audit where id > ? order by id").all(last);
  last = String(rows.at(-1)?.["id"] ?? last);
  return rows.map((row) => `${String(row["actor"])} ${String(row["action"])} ${String(row["subject"])}`);
}
let last = "";

async function ids(path: "tokens" | "schedules"): Promise<readonly string[]> {
  const found = (await (await api.get(`/api/v1/${path}`)).json()) as Record<string, readonly { readonly id: string }[]>;
  return (found[path] ?? []).map(({ id }) => id);
}

/** What acts change. */
function stored(): unknown {
  return ["repository", "event", "token"].map((table) =>
    database.prepare(`select count(*) as count from ${table}`).get(),
  );
}

interface Act {
  readonly entry: string;
  readonly method: string;
  readonly path: () => Promise<string>;
  readonly body?: unknown;
}

const acts: readonly Act[] = [
  {
    entry: "admin token.create ada",
    method: "POST",
    path: async () => "/api/v1/tokens",
    body: { name: "ada", role: "viewer" },
  },
  {
    entry: "admin token.revoke ada",
    method: "DELETE",
    path: async () => `/api/v1/tokens/${(await ids("tokens")).at(-1) ?? ""}`,
  },
  {
    entry: "admin token.create runner r",
    method: "POST",
    path: async () => "/api/v1/runner/register",
    body: { name: "r", labels: [], capacity: 1 },
  },
  {
    entry: "admin repository.create other",
    method: "POST",
    path: async () => "/api/v1/repositories",
    body: { name: "other" },
  },
  {
    entry: "admin repository.remove other",
    method: "DELETE",
    path: async () => "/api/v1/repositories/other",
  },
  {
    entry: "admin workflow.dispatch app",
    method: "POST",
    path: async () => "/api/v1/repositories/app/dispatch",
    body: { ref: "main", inputs: {} },
  },
  {
    entry: "admin schedule.run app",
    method: "POST",
    path: async () => `/api/v1/schedules/${(await ids("schedules"))[0] ?? ""}/run`,
  },
];

describe("an act through the API", () => {
  it("leaves an entry also when it is the first token, or a push that makes a repository", () => {
    expect(entries()).toEqual(["sluice token.create admin", "admin repository.create app"]);
  });

  it.each(acts)("leaves one entry, $entry, and does not happen if that cannot be stored", async (act) => {
    const { entry, method, body } = act;
    const path = await act.path();
    database.exec("create trigger full before insert on audit begin select raise(abort, 'the disk is full'); end");
    const before = stored();
    expect((await api.send(method, path, body)).status).toBe(500);
    expect(stored()).toEqual(before);
    expect(entries()).toEqual([]);
    database.exec("drop trigger full");
    expect((await api.send(method, path, body)).ok).toBe(true);
    expect(entries()).toEqual([entry]);
    if (method !== "DELETE") return;
    // It is gone already.
    expect((await api.send(method, path, body)).status).toBe(404);
    expect(entries()).toEqual([]);
  });
});
