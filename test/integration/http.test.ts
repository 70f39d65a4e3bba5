import { connect } from "node:net";
import { request } from "node:http";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  codes,
  liveEventSchema,
  logPageSchema,
  problemSchema,
  runDetailSchema,
  type RunDetail,
} from "../../src/model/index.ts";
import { openapiDocument, type RunningServer } from "../../src/server/index.ts";
import { Place, client, endedRun, eventually, remote } from "./running-server.ts";

const workflow = [
  "on: [push, workflow_dispatch]",
  "jobs:",
  "  talk:",
  "    runs-on: ubuntu-latest",
  "    steps:",
  "      - run: for i in $(seq 1 300); do echo line $i; done",
  "      - run: echo '::error::it broke'; echo quiet > result.txt",
  "      - uses: actions/upload-artifact@v4",
  "        with: { name: 'the result', path: result.txt }",
  "      - run: 'true'",
].join("\n");
const slow =
  "on: workflow_dispatch\njobs:\n  wait:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo started; while [ ! -e go ]; do sleep 0.05; done; echo ended\n";

let place: Place;
let server: RunningServer;
let admin: ReturnType<typeof client>;
let tokens: Record<"admin" | "writer" | "viewer" | "runner", string>;
let run: RunDetail;

beforeAll(async () => {
  place = await Place.create();
  server = await place.start();
  admin = client(server.url, server.firstToken ?? "");
  const make = async (role: string): Promise<string> =>
    ((await (await admin.send("POST", "/api/v1/tokens", { name: `a ${role}`, role })).json()) as { token: string })
      .token;
  tokens = {
    admin: server.firstToken ?? "",
    writer: await make("writer"),
    viewer: await make("viewer"),
    runner: await make("runner"),
  };
  const tree = await place.tree("tree", { ".github/workflows/talk.yml": workflow, ".github/workflows/slow.yml": slow });
  await place.git(tree, "push", "--quiet", remote(server, "app", tokens.admin), "main");
  run = await endedRun(server, tokens.admin, await place.git(tree, "rev-parse", "HEAD"));
});
afterAll(async () => place[Symbol.asyncDispose]());

describe("errors", () => {
  it("are problem documents with our code, help and the request's id, and no stack", async () => {
    const cases: readonly (readonly [string, string, unknown, number, string])[] = [
      ["GET", "/api/v1/nothing", undefined, 404, "not-found"],
      ["GET", "/api/v1/runs/nope", undefined, 404, "not-found"],
      ["GET", "/api/v1/runs?limit=many", undefined, 400, "call-invalid"],
      ["GET", "/api/v1/runs?status=odd", undefined, 400, "call-invalid"],
      ["GET", "/api/v1/jobs/nope/steps/0/log", undefined, 404, "not-found"],
      ["POST", "/api/v1/repositories", { name: "../x" }, 400, "call-invalid"],
      ["POST", "/api/v1/repositories", { name: "app" }, 409, "already-exists"],
      ["POST", "/api/v1/repositories/app/dispatch", { ref: "nope" }, 404, "not-found"],
      ["POST", `/api/v1/runs/${run.id}/cancel`, {}, 409, "conflict"],
      ["POST", "/api/v1/tokens", { name: "x", role: "god" }, 400, "call-invalid"],
      ["POST", "/api/v1/tokens", { name: "ann\nend", role: "writer" }, 400, "call-invalid"],
      ["GET", "/api/v1/runs/%ff", undefined, 400, "call-invalid"],
      ["PUT", "/api/v1/runs", {}, 404, "not-found"],
    ];
    for (const [method, path, body, status, code] of cases) {
      const answer = await admin.send(method, path, body);
      expect([method, path, answer.status, answer.headers.get("content-type")]).toEqual([
        method,
        path,
        status,
        "application/problem+json; charset=utf-8",
      ]);
      const problem = problemSchema.parse(await answer.json());
      expect(problem).toMatchObject({ code, status, type: `urn:sluice:error:${code}` });
      expect(Object.keys(codes)).toContain(problem.code);
      expect(JSON.stringify(problem)).not.toMatch(/node_modules|\.ts:\d|at async/);
    }
  });

  it("name the field that is wrong, and not its value", async () => {
    const answer = await admin.send("POST", "/api/v1/tokens", { name: "x", role: "hunter2" });
    const { detail } = (await answer.json()) as { detail: string };
    expect(detail).toContain("body.role");
    expect(detail).not.toContain("hunter2");
  });

  it("come for broken and oversized bodies and unknown content types", async () => {
    expect(await sendText("{", "application/json")).toEqual([400, "call-invalid"]);
    expect(await sendText(`{"name":"${"x".repeat(2_000_000)}"}`, "application/json")).toEqual([
      413,
      "payload-too-large",
    ]);
    expect(await sendText("name=x", "application/x-www-form-urlencoded")).toEqual([415, "call-invalid"]);
    expect(await sendText('{"__proto__":{"role":"admin"},"name":"x"}', "application/json")).toEqual([
      400,
      "call-invalid",
    ]);
  });

  it("do not take the server down when what comes is not even HTTP", async () => {
    const { hostname, port } = new URL(server.url);
    for (const bytes of [
      "\0\u0001\u0002\r\n\r\n",
      "GET / HTTP/9.9\r\n\r\n",
      `GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nx: ${"y".repeat(20_000)}\r\n\r\n`,
      "POST / HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n",
    ]) {
      const answer = await new Promise<string>((resolve, reject) => {
        const socket = connect(Number(port), hostname, () => socket.end(bytes));
        let text = "";
        socket.on("data", (chunk) => {
          text += chunk.toString();
        });
        socket.on("close", () => resolve(text));
        socket.on("error", reject);
      });
      expect(answer).toMatch(/^HTTP\/1.1 4\d\d/);
    }
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  });
});

describe("who may do what", () => {
  /** Every route of the API document, with the roles that get past the door. */
  it("holds for every route and role", async () => {
    const document = (await openapiDocument()) as { paths: Record<string, Record<string, unknown>> };
    const open = new Set(["post /api/v1/session", "delete /api/v1/session", "get /healthz", "get /readyz"]);
    const writers = new Set([
      "post /api/v1/runs/{id}/cancel",
      "post /api/v1/runs/{id}/rerun",
      "post /api/v1/jobs/{id}/cancel",
      "post /api/v1/repositories/{name}/dispatch",
      "post /api/v1/schedules/{id}/run",
    ]);
    const admins = new Set([
      "get /api/v1/audit",
      "post /api/v1/repositories",
      "delete /api/v1/repositories/{name}",
      "get /api/v1/tokens",
      "post /api/v1/tokens",
      "delete /api/v1/tokens/{id}",
    ]);
    const registrars = new Set(["post /api/v1/runner/register"]);
    const registered = await client(server.url, tokens.runner).send("POST", "/api/v1/runner/register", {
      name: "own",
      labels: [],
      capacity: 1,
    });
    const all = { ...tokens, own: ((await registered.json()) as { token: string }).token };
    let routes = 0;
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const method of Object.keys(methods)) {
        const route = `${method} ${path}`;
        routes += 1;
        if (open.has(route)) continue;
        const allowed = registrars.has(route)
          ? ["runner", "admin", "own"]
          : path.startsWith("/api/v1/runner/")
            ? ["own"]
            : admins.has(route)
              ? ["admin"]
              : writers.has(route)
                ? ["writer", "admin"]
                : ["viewer", "writer", "admin"];
        const address = `${server.url}${path.replace(/\{step\}/g, "0").replace(/\{\w+\}/g, "nothing")}`;
        const ask = async (headers: Record<string, string>): Promise<number> => {
          const answer = await fetch(address, {
            method: method.toUpperCase(),
            headers,
            signal: AbortSignal.timeout(60_000),
          });
          await answer.body?.cancel();
          return answer.status;
        };
        expect([route, await ask({})]).toEqual([route, 401]);
        expect([route, await ask({ authorization: "Bearer sluice_wrong" })]).toEqual([route, 401]);
        for (const [role, token] of Object.entries(all)) {
          const status = await ask({ authorization: `Bearer ${token}` });
          expect([route, role, status === 403]).toEqual([route, role, !allowed.includes(role)]);
        }
      }
    }
    expect(routes).toBeGreaterThan(35);
  });

  it("ends at once when a token is revoked", async () => {
    const { id, token } = (await (
      await admin.send("POST", "/api/v1/tokens", { name: "short", role: "viewer" })
    ).json()) as { id: string; token: string };
    expect((await client(server.url, token).get("/api/v1/runs")).status).toBe(200);
    expect((await admin.send("DELETE", `/api/v1/tokens/${id}`)).status).toBe(204);
    expect((await client(server.url, token).get("/api/v1/runs")).status).toBe(401);
    expect(await (await admin.get("/api/v1/tokens")).text()).not.toContain(token);
  });
});

describe("browsers", () => {
  it("sign in with a token, and carry a cookie that is no token", async () => {
    const answer = await fetch(`${server.url}/api/v1/session`, {
      method: "POST",
      body: JSON.stringify({ token: tokens.writer }),
      headers: { "content-type": "application/json", origin: server.url },
    });
    expect(await answer.json()).toEqual({
      name: "a writer",
      role: "writer",
      lastEvent: expect.stringMatching(/^\d+$/),
    });
    const [cookie = ""] = answer.headers.getSetCookie();
    expect(cookie).toMatch(/; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(cookie).not.toContain(tokens.writer);
    const session = await fetch(`${server.url}/api/v1/session`, { headers: { cookie: cookieOf(answer) } });
    expect(await session.json()).toEqual({
      name: "a writer",
      role: "writer",
      lastEvent: expect.stringMatching(/^\d+$/),
    });
    const forged = cookieOf(answer).replace(
      /=([^.]+)\.(\d+)\./,
      (_all, id: string, until: string) => `=${id}.${Number(until) + 1}.`,
    );
    expect((await fetch(`${server.url}/api/v1/session`, { headers: { cookie: forged } })).status).toBe(401);
    const end = await fetch(`${server.url}/api/v1/session`, {
      method: "DELETE",
      headers: { cookie: cookieOf(answer), origin: server.url },
    });
    expect(end.headers.getSetCookie()[0]).toContain("Max-Age=0");
    expect(
      (
        await fetch(`${server.url}/api/v1/session`, {
          method: "POST",
          body: JSON.stringify({ token: tokens.runner }),
          headers: { "content-type": "application/json" },
        })
      ).status,
    ).toBe(403);
  });

  it("sign in once with a printed link, and are led only to our own pages", async () => {
    const link = await server.signInUrl("/runs/x");
    const first = await fetch(link, { redirect: "manual" });
    expect([first.status, first.headers.get("location")]).toEqual([303, "/runs/x"]);
    expect(
      await (await fetch(`${server.url}/api/v1/session`, { headers: { cookie: cookieOf(first) } })).json(),
    ).toMatchObject({ name: "admin", role: "admin" });
    const second = await fetch(link, { redirect: "manual" });
    expect(second.headers.getSetCookie()).toEqual([]);
    for (const to of ["//evil.example", "/\\evil.example", "https://evil.example", "/a\r\nset-cookie: x=y"]) {
      const answer = await fetch(`${server.url}/signin?${new URLSearchParams({ code: "x", to })}`, {
        redirect: "manual",
      });
      expect(answer.headers.get("location")).toBe("/");
    }
  });

  it("may write only from our own pages", async () => {
    const cookie = cookieOf(await fetch(await server.signInUrl(), { redirect: "manual" }));
    const post = async (headers: Record<string, string>): Promise<number> =>
      (await fetch(`${server.url}/api/v1/runs/nope/cancel`, { method: "POST", headers: { cookie, ...headers } }))
        .status;
    expect(await post({ origin: server.url })).toBe(404);
    expect(await post({ "x-sluice-request": "1" })).toBe(404);
    expect(await post({})).toBe(403);
    expect(await post({ origin: "http://evil.example" })).toBe(403);
    expect(await post({ origin: server.url.replace(/:\d+$/, ":1") })).toBe(403);
    expect(await post({ origin: "null" })).toBe(403);
  });

  it("are refused under a name that is not ours, against DNS rebinding", async () => {
    const { port } = new URL(server.url);
    expect(await askAs(`127.0.0.1:${port}`)).toBe(200);
    expect(await askAs(`LOCALHOST:${port}`)).toBe(200);
    for (const host of [
      "evil.example",
      `evil.example:${port}`,
      "127.0.0.1.evil.example",
      "localhost@evil.example",
      "[::1",
    ])
      expect([host, [400, 403].includes(await askAs(host))]).toEqual([host, true]);
  });

  it("get headers that keep other sites and scripts out", async () => {
    for (const path of ["/", "/runs/x", "/api/v1/runs", "/healthz"]) {
      const { headers } = await fetch(`${server.url}${path}`);
      expect(headers.get("content-security-policy")).toContain("default-src 'self'");
      expect(headers.get("content-security-policy")).not.toContain("unsafe");
      expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
      expect([
        headers.get("x-content-type-options"),
        headers.get("referrer-policy"),
        headers.get("access-control-allow-origin"),
      ]).toEqual(["nosniff", "no-referrer", null]);
    }
  });

  it("get no page where machines ask, and nothing outside of the page's folder", async () => {
    for (const path of ["/api/x", "/git/x", "/assets/nothing.js", "/signin/x"])
      expect([path, (await fetch(`${server.url}${path}`)).headers.get("content-type")]).toEqual([
        path,
        "application/problem+json; charset=utf-8",
      ]);
    for (const path of [
      "/../package.json",
      "/..%2fpackage.json",
      "/%2e%2e/package.json",
      "/.env",
      "/assets/..%2f..%2fsluice.js",
      "//etc/passwd",
    ]) {
      const body = await (await fetch(`${server.url}${path}`)).text();
      expect(body).not.toContain("dependencies");
      expect(body).not.toContain("root:");
    }
  });
});

describe("runs and logs", () => {
  it("are listed, filtered and paged", async () => {
    expect((await list("repository=app&status=success,failure")).runs.map((each) => each.id)).toEqual([run.id]);
    expect((await list("status=running")).runs).toEqual([]);
    expect((await list(`before=${run.id}`)).runs).toEqual([]);
    expect((await list("text=first&limit=1")).next).toBeUndefined();
    expect(runDetailSchema.parse(run)).toMatchObject({
      status: "success",
      number: 1,
      artifacts: [{ name: "the result" }],
      annotations: [{ level: "error", message: "it broke" }],
    });
  });

  it("read by range, from the end, by search, by the first error, and whole", async () => {
    const job = run.jobs[0]?.id ?? "";
    const step = stepOf(run, "seq 1 300");
    const base = `/api/v1/jobs/${job}/steps/${step}/log`;
    const page = logPageSchema.parse(await (await admin.get(`${base}?first=-2&count=2`)).json());
    expect(page).toMatchObject({ lines: ["line 299", "line 300"], closed: true });
    expect(page.first).toBe(page.total - 1);
    expect((await admin.get(`${base}?count=5001`)).status).toBe(400);
    const found = (await (await admin.get(`${base}/search?q=LINE%2042`)).json()) as { matches: { text: string }[] };
    expect(found.matches.map((each) => each.text)).toEqual(["line 42"]);
    const error = (await (
      await admin.get(`/api/v1/jobs/${job}/steps/${stepOf(run, "it broke")}/log/errors`)
    ).json()) as { first: number; lines: readonly number[] };
    expect(error.lines).toContain(error.first);
    const raw = await admin.get(`${base}/raw`);
    expect([raw.headers.get("content-type"), raw.headers.get("content-disposition")]).toEqual([
      "text/plain; charset=utf-8",
      `attachment; filename="${job}-${step}.log"`,
    ]);
    expect((await raw.text()).split("\n").filter((line) => line.startsWith("line "))).toHaveLength(300);
  });

  it("download artifacts under their names", async () => {
    const answer = await admin.get(`/api/v1/artifacts/${run.artifacts[0]?.id}`);
    expect(answer.headers.get("content-disposition")).toBe(
      `attachment; filename="the result.tar.gz"; filename*=UTF-8''the%20result.tar.gz`,
    );
    expect(Buffer.from(await answer.arrayBuffer()).subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));
  });

  it("stream a closed log to its end, resuming behind the last message", async () => {
    const job = run.jobs[0]?.id ?? "";
    const path = `${server.url}/api/v1/jobs/${job}/steps/${stepOf(run, "seq 1 300")}/log/stream`;
    const whole = await readEvents(path, tokens.viewer, {}, (event) => event.event === "closed");
    const lines = whole
      .filter((each) => each.event === "lines")
      .flatMap((each) => (each.data as { lines: string[] }).lines);
    expect(lines.filter((line) => line.startsWith("line "))).toHaveLength(300);
    const [closed] = whole.slice(-1);
    const total = Number(closed?.id) - 1;
    const rest = await readEvents(
      path,
      tokens.viewer,
      { "last-event-id": String(total) },
      (event) => event.event === "closed",
    );
    expect(
      rest
        .filter((each) => each.event === "lines")
        .map((each) => (each.data as { first: number; lines: string[] }).lines.length),
    ).toEqual([1]);
  });

  it("stream the log of a step that said nothing: closed at once", async () => {
    const events = await readEvents(
      `${server.url}/api/v1/jobs/${run.jobs[0]?.id}/steps/${stepOf(run, "true")}/log/stream`,
      tokens.viewer,
      {},
      (event) => event.event === "closed",
    );
    expect(events.at(-1)?.event).toBe("closed");
  });

  it("follow a running job live, cancel it, and run it again", async () => {
    const seen: { event: string; data: unknown; id: string | undefined }[] = [];
    const stop = new AbortController();
    const listening = readEvents(`${server.url}/api/v1/events`, tokens.viewer, {}, (event) => {
      seen.push(event);
      return stop.signal.aborted;
    });
    await admin.send("POST", "/api/v1/repositories/app/dispatch", {
      ref: "main",
      workflow: ".github/workflows/slow.yml",
      inputs: {},
    });
    const live = await eventually(async () => {
      const { runs } = (await (await admin.get("/api/v1/runs?status=running")).json()) as { runs: { id: string }[] };
      const [first] = runs;
      return first === undefined
        ? undefined
        : ((await (await admin.get(`/api/v1/runs/${first.id}`)).json()) as RunDetail);
    });
    const now = (await (await admin.get("/api/v1/now")).json()) as {
      running: { id: string }[];
      runners: { online: boolean }[];
    };
    expect(now.running.map((each) => each.id)).toEqual([live.id]);
    const job = live.jobs[0]?.id ?? "";
    const step = await eventually(async () => {
      const detail = (await (await admin.get(`/api/v1/runs/${live.id}`)).json()) as RunDetail;
      return detail.jobs[0]?.steps.find((each) => each.status === "running" && each.name.includes("echo started"))
        ?.index;
    });
    const log = await readEvents(
      `${server.url}/api/v1/jobs/${job}/steps/${step}/log/stream`,
      tokens.viewer,
      {},
      (event) => event.event === "lines" && (event.data as { lines: string[] }).lines.includes("started"),
    );
    expect(log.length).toBeGreaterThan(0);
    expect((await client(server.url, tokens.viewer).send("POST", `/api/v1/runs/${live.id}/cancel`)).status).toBe(403);
    expect((await client(server.url, tokens.writer).send("POST", `/api/v1/runs/${live.id}/cancel`)).status).toBe(202);
    await eventually(async () =>
      ((await (await admin.get(`/api/v1/runs/${live.id}`)).json()) as RunDetail).status === "cancelled"
        ? true
        : undefined,
    );
    expect((await admin.send("POST", `/api/v1/runs/${live.id}/rerun`, { mode: "failed" })).status).toBe(202);
    await eventually(async () =>
      ((await (await admin.get(`/api/v1/runs/${live.id}`)).json()) as RunDetail).attempt === 2 ? true : undefined,
    );
    // What the cancel brings is the last that is listened to.
    stop.abort();
    await admin.send("POST", `/api/v1/runs/${live.id}/cancel`);
    await listening;
    for (const each of seen) expect(liveEventSchema.parse(each.data).type).toBe(each.event);
    expect(new Set(seen.map((each) => each.event))).toEqual(new Set(["run", "job", "step", "log"]));
    const resumed = await readEvents(
      `${server.url}/api/v1/events?after=${seen[0]?.id}`,
      tokens.viewer,
      {},
      (event) => event.id === seen[1]?.id,
    );
    expect(resumed).toEqual([seen[1]]);
    const lost = await readEvents(`${server.url}/api/v1/events`, tokens.viewer, { "last-event-id": "17" }, () => true);
    expect(lost[0]?.event).toBe("resync");
  });
});

describe("the documents", () => {
  it("describe the API as it is served", async () => {
    const served = (await (await fetch(`${server.url}/openapi.json`)).json()) as {
      openapi: string;
      paths: Record<string, unknown>;
    };
    expect(served.openapi).toBe("3.1.0");
    expect(served).toEqual(JSON.parse(JSON.stringify(await openapiDocument())));
  });

  it("give figures in Prometheus' format", async () => {
    const text = await (await admin.get("/metrics")).text();
    expect(text).toMatch(/^sluice_runners_online [12]$/m);
    for (const line of text.trim().split("\n"))
      expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{\w+="[^"]*"\})? [0-9.e+-]+)$/);
  });

  it("keep secrets out of the log and the database", async () => {
    const logged = place.logged.join("");
    const database = (await readFile(join(place.folder, "data", "sluice.db"))).toString("latin1");
    for (const token of Object.values(tokens)) {
      expect(logged).not.toContain(token);
      expect(database).not.toContain(token);
    }
  });
});

/** The cookie that an answer sets, as a browser sends it back. */
function cookieOf(answer: Response): string {
  return answer.headers.getSetCookie()[0]?.split(";")[0] ?? "";
}

async function list(query: string): Promise<{ runs: { id: string }[]; next?: string }> {
  return (await (await admin.get(`/api/v1/runs?${query}`)).json()) as { runs: { id: string }[]; next?: string };
}

async function sendText(body: string, type: string): Promise<readonly [number, string]> {
  const answer = await fetch(`${server.url}/api/v1/tokens`, {
    method: "POST",
    body,
    headers: { authorization: `Bearer ${tokens.admin}`, "content-type": type },
  });
  return [answer.status, ((await answer.json()) as { code: string }).code];
}

/** Asks under a name. */
async function askAs(host: string): Promise<number> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const asking = request({ hostname, port, path: "/healthz", headers: { host } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    asking.on("error", reject);
    asking.end();
  });
}

function stepOf(detail: RunDetail, part: string): number {
  const step = detail.jobs[0]?.steps.find((each) => each.name.includes(part));
  if (step === undefined)
    throw new Error(`no step ${part} in ${JSON.stringify(detail.jobs[0]?.steps.map((each) => each.name))}`);
  return step.index;
}

interface ServerEvent {
  readonly event: string;
  readonly data: unknown;
  readonly id: string | undefined;
}

/** Reads server-sent events until one of them is the last that is wanted. */
async function readEvents(
  url: string,
  token: string,
  headers: Record<string, string>,
  last: (event: ServerEvent) => boolean,
): Promise<ServerEvent[]> {
  const answer = await fetch(url, {
    headers: { authorization: `Bearer ${token}`, ...headers },
    signal: AbortSignal.timeout(60_000),
  });
  expect(answer.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
  const events: ServerEvent[] = [];
  let text = "";
  for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const lines = text.slice(0, end).split("\n");
      text = text.slice(end + 2);
      const field = (name: string): string | undefined =>
        lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      const event = field("event");
      if (event === undefined) continue;
      events.push({ event, data: JSON.parse(field("data") ?? "null"), id: field("id") });
      const latest = events.at(-1);
      if (latest !== undefined && last(latest)) return events;
    }
  }
  return events;
}
