import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openAdministration } from "../../src/cli/admin.ts";
import { describeAudit } from "../../src/cli/audit/commands.ts";
import { auditPageSchema } from "../../src/model/index.ts";
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

describe("the audit log", () => {
  it("is read newest first, in pages", async () => {
    const read = async (query: string) =>
      auditPageSchema.parse(await (await api.get(`/api/v1/audit?limit=1${query}`)).json());
    const first = await read("");
    expect(first.entries).toMatchObject([{ actor: "admin", action: "repository.create", subject: "app" }]);
    const second = await read(`&before=${first.next}`);
    expect(second).toMatchObject({ entries: [{ actor: "sluice", action: "token.create", subject: "admin" }] });
    expect(second.next).toBeUndefined();
    expect((await api.get("/api/v1/audit?limit=501")).status).toBe(400);
  });

  it("is shown by the command line, whatever is in it", async () => {
    const administration = await openAdministration({ data: join(place.folder, "data") });
    const page = await administration.audit({ limit: 1 });
    expect(describeAudit(page).split("\n")).toEqual([
      expect.stringMatching(/^TIME +WHO +WHAT +ON +DETAIL$/),
      expect.stringMatching(/^\d{4}-.*Z  admin  repository\.create  app  \{"path":null\}$/),
      `Older entries: --before ${page.next}`,
      "",
    ]);
    const [entry] = page.entries;
    if (entry === undefined) throw new Error("The log is empty.");
    expect(describeAudit({ entries: [{ ...entry, subject: "a\u001b]0;x\u0007" }] })).toContain("a?]0;x?");
    expect(describeAudit({ entries: [] })).toBe("No entries.\n");
  });
});

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
