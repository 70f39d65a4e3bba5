import { connect, createServer } from "node:net";
import { request } from "node:http";
import { mkdir, readFile, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openAdministration } from "../../src/cli/admin.ts";
import { openOffline } from "../../src/server/index.ts";
import { configSchema } from "../../src/config/index.ts";
import type { RunDetail } from "../../src/model/index.ts";
import { Place, client, endedRun, eventually, remote } from "./running-server.ts";

const slow =
  "on: push\njobs:\n  wait:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo started; sleep 3600\n";

describe("starting", () => {
  it("is refused to a second server on the same data folder", async () => {
    await using place = await Place.create();
    const first = await place.start();
    await expect(place.start()).rejects.toMatchObject({ code: "data-locked" });
    expect((await fetch(`${first.url}/readyz`)).status).toBe(200);
  });

  it("is refused when the address is taken, and leaves the folder free", async () => {
    await using place = await Place.create();
    const other = createServer();
    await new Promise<void>((resolve) => {
      other.listen(0, "127.0.0.1", resolve);
    });
    const bound = other.address();
    const port = typeof bound === "object" ? (bound?.port ?? 0) : 0;
    await expect(place.start({ listen: `127.0.0.1:${port}` })).rejects.toMatchObject({ code: "address-in-use" });
    const server = await place.start();
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
    await new Promise((resolve) => {
      other.close(resolve);
    });
  });

  it("makes one admin token, once, and keeps all files to its owner", async () => {
    await using place = await Place.create();
    const first = await place.start();
    expect(first.firstToken).toMatch(/^sluice_[A-Za-z0-9_-]{43}$/);
    const data = join(place.folder, "data");
    // Jobs of a server that is root are another user, who may pass through to `work` and nowhere else.
    const passable = process.getuid?.() === 0 ? 0o011 : 0;
    for (const path of [data, join(data, "work")])
      expect([path, (await stat(path)).mode & 0o077]).toEqual([path, passable]);
    for (const name of (await readdir(data)).filter((each) => each !== "work"))
      expect([name, (await stat(join(data, name))).mode & 0o077]).toEqual([name, 0]);
    for (const name of ["control.sock", "server.key", "sluice.db"])
      expect([name, (await stat(join(data, name))).mode & 0o777]).toEqual([name, 0o600]);
    await first.close();
    const second = await place.start();
    expect(second.firstToken).toBeUndefined();
    expect((await client(second.url, first.firstToken ?? "").get("/api/v1/tokens")).status).toBe(200);
    expect(await readdir(data)).not.toContain("control.sock.old");
  });

  it("reports a damaged server key", async () => {
    await using place = await Place.create();
    await mkdir(join(place.folder, "data"));
    await writeFile(join(place.folder, "data", "server.key"), "short");
    await expect(place.start()).rejects.toMatchObject({ code: "storage-broken" });
  });
});

describe("ending", () => {
  it("stops running jobs of its own runner, reports them, ends streams, and does not wait for them", async () => {
    await using place = await Place.create();
    const server = await place.start();
    const token = server.firstToken ?? "";
    const tree = await place.tree("tree", { ".github/workflows/slow.yml": slow });
    await place.git(tree, "push", "--quiet", remote(server, "app", token), "main");
    const api = client(server.url, token);
    const run = await eventually(async () => {
      const { runs } = (await (await api.get("/api/v1/runs?status=running")).json()) as { runs: { id: string }[] };
      const detail = runs[0] && ((await (await api.get(`/api/v1/runs/${runs[0].id}`)).json()) as RunDetail);
      return detail?.jobs[0]?.steps.some((step) => step.status === "running" && step.lines > 0) === true
        ? detail
        : undefined;
    });
    const stream = await fetch(`${server.url}/api/v1/events`, { headers: { authorization: `Bearer ${token}` } });
    const ended = stream.text();
    await server.close();
    expect(cutOff(place)).toEqual([]);
    await ended;
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow("fetch failed");
    expect(await sleepers(place.folder)).toEqual([]);

    const next = await place.start();
    const after = (await (await client(next.url, token).get(`/api/v1/runs/${run.id}`)).json()) as RunDetail;
    expect(after.status).toBe("failure");
    expect(after.jobs[0]).toMatchObject({ status: "lost" });
    expect(after.jobs[0]?.reason).toContain("server stopped");
    expect(after.jobs[0]?.steps.every((step) => step.status !== "running")).toBe(true);
  });

  it("does not wait for a slow client", async () => {
    await using place = await Place.create();
    const server = await place.start();
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    socket.on("error", () => undefined);
    await new Promise<void>((resolve) => {
      socket.write(
        `POST /api/v1/tokens HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${server.firstToken}\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{`,
        () => resolve(),
      );
    });
    await eventually(async () => ((await fetch(`${server.url}/healthz`)).ok ? true : undefined));
    await server.close();
    expect(cutOff(place)).toEqual([]);
    socket.destroy();
  });
});

describe("the command line on the same machine", () => {
  it("administers a running server through its socket, without a token", async () => {
    await using place = await Place.create();
    const server = await place.start();
    const data = join(place.folder, "data");
    const administration = await openAdministration({ data });
    const { token, id } = await administration.createToken({ name: "made locally", role: "viewer" });
    expect((await client(server.url, token).get("/api/v1/runs")).status).toBe(200);
    expect((await administration.tokens()).map((each) => each.name)).toContain("made locally");
    await administration.removeToken(id);
    expect((await client(server.url, token).get("/api/v1/runs")).status).toBe(401);
    await expect(administration.removeRepository("nothing")).rejects.toMatchObject({ code: "not-found" });
  });

  it("administers the folder when no server runs, and what it did holds when one starts", async () => {
    await using place = await Place.create();
    const data = join(place.folder, "data");
    const tree = await place.tree("tree", { "a.txt": "1" });
    const bare = join(place.folder, "bare.git");
    await place.git(place.folder, "clone", "--quiet", "--bare", tree, bare);
    const offline = await openAdministration({ data });
    await offline.addRepository({ name: "app", path: bare });
    const { token } = await offline.createToken({ name: "made offline", role: "admin" });
    await expect(place.start()).rejects.toMatchObject({ code: "data-locked" });
    await offline.close();
    const server = await place.start();
    expect(server.firstToken).toBeUndefined();
    expect(await (await client(server.url, token).get("/api/v1/repositories/app")).json()).toMatchObject({
      name: "app",
      cloneUrl: `${server.url}/git/app.git`,
    });
    await expect(openOffline({ ...configSchema.parse({}), data })).rejects.toMatchObject({ code: "data-locked" });
  });

  it("asks a server elsewhere with a token, and passes its errors on", async () => {
    await using place = await Place.create();
    const server = await place.start();
    const administration = await openAdministration({ server: `${server.url}/`, token: server.firstToken ?? "" });
    expect(await administration.repositories()).toEqual([]);
    expect(await administration.addRepository({ name: "made" })).toMatchObject({ name: "made" });
    await expect(administration.addRepository({ name: "made" })).rejects.toMatchObject({ code: "already-exists" });
    await expect((await openAdministration({ server: server.url, token: "wrong" })).tokens()).rejects.toMatchObject({
      code: "unauthenticated",
    });
    // Another program's page; here the page of the server itself.
    await expect(
      (await openAdministration({ server: `${server.url}/runs`, token: server.firstToken ?? "" })).tokens(),
    ).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("did not come from a Sluice server"),
    });
    await expect(
      (await openAdministration({ server: "http://127.0.0.1:1", token: "x" })).tokens(),
    ).rejects.toMatchObject({ code: "unavailable" });
  });

  it("is an admin only through the socket: no header makes a network client one", async () => {
    await using place = await Place.create();
    const server = await place.start();
    for (const headers of [{ host: "localhost" }, { "x-forwarded-for": "127.0.0.1" }, { "x-real-ip": "unix:" }])
      expect((await fetch(`${server.url}/api/v1/tokens`, { headers })).status).toBe(401);
    const status = await new Promise<number>((resolve, reject) => {
      const asking = request(
        { socketPath: join(place.folder, "data", "control.sock"), path: "/api/v1/tokens" },
        (answer) => {
          answer.resume();
          resolve(answer.statusCode ?? 0);
        },
      );
      asking.on("error", reject);
      asking.end();
    });
    expect(status).toBe(200);
  });
});

describe("the page", () => {
  it("is served with its files cached for good, compressed where that was prepared, and for its own addresses", async () => {
    await using place = await Place.create();
    const web = join(place.folder, "web");
    await mkdir(join(web, "assets"), { recursive: true });
    await writeFile(join(web, "index.html"), "<!doctype html><title>Sluice</title>");
    await writeFile(join(web, "assets", "app-1a2b.js"), "plain");
    await writeFile(join(web, "assets", "app-1a2b.js.br"), "brotli");
    await writeFile(join(place.folder, "secret.txt"), "secret");
    const server = await place.start({}, { webRoot: web });
    for (const path of ["/", "/runs/01ABC", "/repositories/team%2Fapp", "/index.html"]) {
      const page = await fetch(`${server.url}${path}`);
      expect([path, page.status, page.headers.get("content-type"), page.headers.get("cache-control")]).toEqual([
        path,
        200,
        "text/html; charset=utf-8",
        "no-cache",
      ]);
      expect(await page.text()).toContain("Sluice");
    }
    const asset = await fetch(`${server.url}/assets/app-1a2b.js`, { headers: { "accept-encoding": "identity" } });
    expect([await asset.text(), asset.headers.get("cache-control"), asset.headers.get("content-type")]).toEqual([
      "plain",
      "public, max-age=31536000, immutable",
      "application/javascript; charset=utf-8",
    ]);
    const compressed = await new Promise<string | undefined>((resolve, reject) => {
      const asking = request(
        `${server.url}/assets/app-1a2b.js`,
        { headers: { "accept-encoding": "br, gzip" } },
        (answer) => {
          answer.resume();
          resolve(answer.headers["content-encoding"]);
        },
      );
      asking.on("error", reject);
      asking.end();
    });
    expect(compressed).toBe("br");
    for (const path of ["/assets/nothing.js", "/api/nothing", "/git/nothing"])
      expect((await fetch(`${server.url}${path}`)).status).toBe(404);
    for (const path of ["/..%2fsecret.txt", "/assets/..%2f..%2fsecret.txt", "/assets/%2e%2e/%2e%2e/secret.txt"])
      expect(await (await fetch(`${server.url}${path}`)).text()).not.toContain("secret\n");
    expect((await fetch(`${server.url}/`, { method: "POST" })).status).toBe(404);
    const head = await fetch(`${server.url}/`, { method: "HEAD" });
    expect([head.status, head.headers.get("content-type"), await head.text()]).toEqual([
      200,
      "text/html; charset=utf-8",
      "",
    ]);
  });
});

describe("configuration", () => {
  it("lets a proxy's address through the Host check, and marks cookies Secure behind https", async () => {
    await using place = await Place.create();
    const server = await place.start({ externalUrl: "https://ci.example.org/" });
    expect(server.url).toBe("https://ci.example.org");
    expect(await server.signInUrl()).toMatch(/^https:\/\/ci\.example\.org\/signin\?/);
  });

  it("without an embedded runner leaves jobs to others, and says what they wait for", async () => {
    await using place = await Place.create();
    const server = await place.start({ runner: { embedded: false } });
    const token = server.firstToken ?? "";
    const tree = await place.tree("tree", {
      ".github/workflows/ci.yml":
        "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo hi\n",
    });
    await place.git(tree, "push", "--quiet", remote(server, "app", token), "main");
    const api = client(server.url, token);
    const waiting = await eventually(async () => {
      const now = (await (await api.get("/api/v1/now")).json()) as {
        waiting: { waitsFor?: string }[];
        runners: unknown[];
        queuedJobs: number;
      };
      return now.queuedJobs === 1 ? now : undefined;
    });
    expect(waiting.runners).toEqual([]);
    const { spawnRunner } = await import("./spawned-runner.ts");
    const { token: registration } = (await (
      await api.send("POST", "/api/v1/tokens", { name: "r", role: "runner" })
    ).json()) as { token: string };
    await using runner = await spawnRunner({
      server: server.url,
      token: registration,
      work: join(place.folder, "work"),
    });
    const run = await endedRun(server, token, await place.git(tree, "rev-parse", "HEAD"));
    expect(run.status).toBe("success");
    expect(JSON.parse(await readFile(join(place.folder, "work", "runner.json"), "utf8"))).toMatchObject({
      server: server.url,
    });
    expect((await stat(join(place.folder, "work", "runner.json"))).mode & 0o777).toBe(0o600);
    await runner.stop();
  });
});

/** What a server says that waited for somebody until the limit of its end: the job and the client of these tests go on for ever. */
function cutOff(place: Place): readonly string[] {
  return place.logged.filter((line) => line.includes("the end took too long"));
}

/** Processes of jobs below the folder that still run. */
async function sleepers(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
    if (environment.includes(folder)) found.push(await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => pid));
  }
  return found;
}
