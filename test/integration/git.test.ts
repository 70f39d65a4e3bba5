import { request } from "node:http";
import { mkdir, readFile, readdir, readlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeAll, afterAll, describe, expect, it } from "vitest";
import type { RunningServer } from "../../src/server/index.ts";
import { Place, client, endedRun, eventually, remote } from "./running-server.ts";

const workflow =
  "on: [push, workflow_dispatch]\njobs:\n  hello:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo hello from ${{ github.ref_name }}\n";

let place: Place;
let server: RunningServer;
let admin: string;
let tokens: Record<"writer" | "viewer" | "runner", string>;

beforeAll(async () => {
  place = await Place.create();
  server = await place.start();
  admin = server.firstToken ?? "";
  const api = client(server.url, admin);
  const make = async (role: string): Promise<string> =>
    ((await (await api.send("POST", "/api/v1/tokens", { name: role, role })).json()) as { token: string }).token;
  tokens = { writer: await make("writer"), viewer: await make("viewer"), runner: await make("runner") };
});
afterAll(async () => place[Symbol.asyncDispose]());

describe("git over HTTP", () => {
  it("makes a repository by an admin's push, runs its workflow, and serves clones", async () => {
    const tree = await place.tree("first", { ".github/workflows/ci.yml": workflow });
    await place.git(tree, "push", "--quiet", remote(server, "team/app", admin), "main");
    const sha = await place.git(tree, "rev-parse", "HEAD");
    const run = await endedRun(server, admin, sha);
    expect(run).toMatchObject({
      repository: "team/app",
      status: "success",
      sender: "admin",
      event: "push",
      ref: "refs/heads/main",
    });
    await place.git(place.folder, "clone", "--quiet", remote(server, "team/app", tokens.viewer), "copy");
    expect(await place.git(join(place.folder, "copy"), "rev-parse", "HEAD")).toBe(sha);
  });

  it("takes the first branch that is pushed for the default one", async () => {
    const tree = await place.tree("trunk", {
      ".github/workflows/ci.yml": workflow,
      "README.md": "a commit of its own",
    });
    await place.git(tree, "push", "--quiet", remote(server, "trunk", admin), "main:trunk", "main:under");
    expect(await endedRun(server, admin, await place.git(tree, "rev-parse", "HEAD"))).toMatchObject({
      status: "success",
    });
    expect(await (await client(server.url, admin).get("/api/v1/repositories/trunk")).json()).toMatchObject({
      defaultBranch: "trunk",
    });
    await place.git(tree, "push", "--quiet", remote(server, "trunk", admin), "main:other");
    await place.git(place.folder, "clone", "--quiet", remote(server, "trunk", tokens.viewer), "trunk-copy");
    expect(await place.git(join(place.folder, "trunk-copy"), "branch", "--show-current")).toBe("trunk");
    expect(await place.git(join(place.folder, "data", "git", "trunk.git"), "symbolic-ref", "HEAD")).toBe(
      "refs/heads/trunk",
    );
  });

  it("speaks protocol version 2, and serves shallow and partial clones", async () => {
    const listed = await place.git(
      place.folder,
      "-c",
      "protocol.version=2",
      "ls-remote",
      remote(server, "team/app", tokens.viewer),
      "refs/heads/main",
    );
    expect(listed).toMatch(/^[0-9a-f]{40}\trefs\/heads\/main$/);
    const answer = await fetch(`${server.url}/git/team/app.git/info/refs?service=git-upload-pack`, {
      headers: { authorization: basic(tokens.viewer), "git-protocol": "version=2" },
    });
    expect(await answer.text()).toContain("version 2");
    await place.git(
      place.folder,
      "clone",
      "--quiet",
      "--depth=1",
      "--filter=blob:none",
      remote(server, "team/app", tokens.viewer),
      "shallow",
    );
  });

  it("takes a push larger than the buffer (chunked), and compressed requests", async () => {
    const tree = await place.tree("large", {
      "big.bin": Array.from({ length: 40_000 }, (_, index) => `${index} ${Math.sin(index)}`).join("\n"),
    });
    await place.git(tree, "-c", "http.postBuffer=1024", "push", "--quiet", remote(server, "large", admin), "main");
    const sha = await place.git(tree, "rev-parse", "HEAD");
    const body = gzipSync(`0032want ${sha}\n00000009done\n`);
    const answer = await fetch(`${server.url}/git/large.git/git-upload-pack`, {
      method: "POST",
      body,
      headers: {
        authorization: basic(tokens.viewer),
        "content-type": "application/x-git-upload-pack-request",
        "content-encoding": "gzip",
      },
    });
    expect(answer.status).toBe(200);
    expect(Buffer.from(await answer.arrayBuffer()).includes("PACK")).toBe(true);
  });

  it("lets nobody in without a good token, and says how to show one", async () => {
    for (const headers of [
      {},
      { authorization: basic("wrong") },
      { authorization: basic(tokens.runner) },
      { authorization: `Bearer ${tokens.viewer}` },
      { authorization: "Basic !!!" },
    ]) {
      for (const path of [
        "/git/team/app.git/info/refs?service=git-upload-pack",
        "/git/nothing.git/info/refs?service=git-receive-pack",
      ]) {
        const answer = await fetch(`${server.url}${path}`, { headers });
        expect([answer.status, answer.headers.get("www-authenticate")]).toEqual([
          401,
          'Basic realm="Sluice", charset="UTF-8"',
        ]);
      }
    }
    const post = await fetch(`${server.url}/git/team/app.git/git-receive-pack`, {
      method: "POST",
      body: "0000",
      headers: { authorization: basic(tokens.viewer) },
    });
    expect(post.status).toBe(403);
  });

  it("lets viewers read only, and only admins make repositories", async () => {
    const tree = join(place.folder, "first");
    await expect(place.git(tree, "push", remote(server, "team/app", tokens.viewer), "main:viewer")).rejects.toThrow(
      "403",
    );
    await place.git(tree, "push", "--quiet", remote(server, "team/app", tokens.writer), "main:writer");
    await expect(place.git(tree, "push", remote(server, "new", tokens.writer), "main")).rejects.toThrow("not found");
    await expect(place.git(place.folder, "ls-remote", remote(server, "new", admin))).rejects.toThrow("not found");
  });

  it.each([
    "..%2f..%2fetc",
    "a/../../b",
    "a/b/c",
    ".hidden",
    "-c",
    "a%00b",
    "a..b",
    "%2e%2e/%2e%2e",
    "app.git/../../data",
    "a\\b",
  ])("knows no repository by the name %s", async (name) => {
    const status = await raw(server, `/git/${name}.git/info/refs?service=git-receive-pack`, admin);
    expect([400, 404]).toContain(status);
    expect((await readdir(join(place.folder, "data", "git"))).toSorted()).toEqual(["large.git", "team", "trunk.git"]);
  });

  it("serves nothing but the smart protocol", async () => {
    for (const path of [
      "team/app.git/config",
      "team/app.git/HEAD",
      "team/app.git/objects/info/packs",
      "team/app.git/info/refs",
      "team/app.git/info/refs?service=git-upload-archive",
      "team/app.git/sluice/spool",
    ]) {
      expect(await raw(server, `/git/${path}`, admin)).toBe(404);
    }
  });

  it("ends git when the client goes away in the middle of a push", async () => {
    const going = request(`${server.url}/git/team/app.git/git-receive-pack`, {
      method: "POST",
      headers: { authorization: basic(admin), "content-type": "application/x-git-receive-pack-request" },
    });
    going.on("error", () => undefined);
    going.write("00a8");
    const child = await eventually(async () => (await gitChildren()).find((line) => line.includes("receive-pack")));
    going.destroy();
    expect(child).toContain("receive-pack");
    await eventually(async () =>
      (await gitChildren()).some((line) => line.includes("receive-pack")) ? undefined : true,
    );
  });
});

describe("pushes that nobody saw", () => {
  it("are found when the server starts: reported by the hook, or not", async () => {
    await using own = await Place.create();
    const first = await own.start();
    const token = first.firstToken ?? "";
    const tree = await own.tree("tree", { ".github/workflows/ci.yml": workflow });
    await own.git(tree, "push", "--quiet", remote(first, "app", token), "main");
    await endedRun(first, token, await own.git(tree, "rev-parse", "HEAD"));
    await first.close();

    const bare = join(own.folder, "data", "git", "app.git");
    const reported = await own.commit(tree, "while it was down", {});
    await own.git(tree, "push", "--quiet", bare, "main");
    expect(await readdir(join(bare, "sluice", "spool"))).toHaveLength(1);
    const silent = await own.commit(tree, "without a hook", {});
    await own.git(
      tree,
      "-c",
      "core.hooksPath=/dev/null",
      "push",
      "--quiet",
      "--receive-pack=git -c core.hooksPath=/dev/null receive-pack",
      bare,
      "main:topic",
    );
    expect(await readdir(join(bare, "sluice", "spool"))).toHaveLength(1);

    const second = await own.start();
    expect(second.firstToken).toBeUndefined();
    expect(await endedRun(second, token, reported)).toMatchObject({
      status: "success",
      ref: "refs/heads/main",
      sender: "ada",
    });
    expect(await endedRun(second, token, silent)).toMatchObject({ status: "success", ref: "refs/heads/topic" });
    const { runs } = (await (await client(second.url, token).get("/api/v1/runs")).json()) as { runs: unknown[] };
    expect(runs).toHaveLength(3);
    await second.close();

    // A third start finds nothing new.
    const third = await own.start();
    expect(
      ((await (await client(third.url, token).get("/api/v1/runs")).json()) as { runs: unknown[] }).runs,
    ).toHaveLength(3);
  });

  it("of an attached repository start runs, and what was there before does not", async () => {
    await using own = await Place.create();
    const running = await own.start();
    const token = running.firstToken ?? "";
    const tree = await own.tree("tree", { ".github/workflows/ci.yml": workflow });
    const bare = join(own.folder, "elsewhere with 'quotes'.git");
    await own.git(own.folder, "clone", "--quiet", "--bare", tree, bare);
    const api = client(running.url, token);
    expect(
      await (await api.send("POST", "/api/v1/repositories", { name: "attached", path: bare })).json(),
    ).toMatchObject({ name: "attached", defaultBranch: "main" });
    expect((await api.send("POST", "/api/v1/repositories", { name: "again", path: bare })).status).toBe(409);
    expect((await api.send("POST", "/api/v1/repositories", { name: "tree", path: tree })).status).toBe(400);
    const sha = await own.commit(tree, "second", {});
    await own.git(tree, "push", "--quiet", bare, "main");
    expect(await endedRun(running, token, sha)).toMatchObject({ status: "success", number: 1, title: "second" });

    // The same two commits pushed again are a push again.
    await own.git(tree, "push", "--quiet", "--force", bare, "main~1:main");
    await own.git(tree, "push", "--quiet", bare, "main");
    await eventually(async () =>
      ((await (await api.get("/api/v1/runs")).json()) as { runs: { status: string }[] }).runs.filter(
        (each) => each.status === "success",
      ).length === 3
        ? true
        : undefined,
    );

    expect((await api.send("DELETE", "/api/v1/repositories/attached")).status).toBe(204);
    expect(await readdir(bare)).not.toContain("sluice");
    expect(await own.git(bare, "rev-parse", "main")).toBe(sha);
  });

  it("are not believed from forged reports", async () => {
    await using own = await Place.create();
    const running = await own.start();
    const token = running.firstToken ?? "";
    const tree = await own.tree("tree", { ".github/workflows/ci.yml": workflow });
    await own.git(tree, "push", "--quiet", remote(running, "app", token), "main");
    const sha = await own.git(tree, "rev-parse", "HEAD");
    await endedRun(running, token, sha);
    const spool = join(own.folder, "data", "git", "app.git", "sluice", "spool");
    const zero = "0".repeat(40);
    await writeFile(join(spool, "a.push"), `pusher x\n${zero} ${"f".repeat(40)} refs/heads/main\nend\n`);
    await writeFile(
      join(spool, "b.push"),
      `pusher x\n${zero} ${sha} refs/heads/../../x\n${zero} ${sha} refs/heads/main\nend\n`,
    );
    await writeFile(join(spool, "c.push"), "garbage");
    await mkdir(join(spool, "d.push"));
    await eventually(async () => ((await readdir(spool)).length === 0 ? true : undefined));
    const next = await own.commit(tree, "next", {});
    await own.git(tree, "push", "--quiet", remote(running, "app", token), "main");
    expect(await endedRun(running, token, next)).toMatchObject({ status: "success", number: 2 });
  });
});

describe("what a job may read", () => {
  it("is its own repository, with a password of its own that is masked in its log", async () => {
    await using own = await Place.create();
    const running = await own.start();
    const token = running.firstToken ?? "";
    const checkout =
      "on: push\njobs:\n  read:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n      - run: cat file.txt\n      - run: git fetch --quiet --unshallow origin && git rev-list --count HEAD\n";
    const tree = await own.tree("tree", { ".github/workflows/ci.yml": checkout, "file.txt": "from the commit\n" });
    await own.git(tree, "push", "--quiet", remote(running, "app", token), "main");
    const run = await endedRun(running, token, await own.git(tree, "rev-parse", "HEAD"));
    const job = run.jobs[0];
    expect(run.status).toBe("success");
    const step = job?.steps.find((each) => each.name.includes("cat file.txt"))?.index ?? 0;
    const log = (await (await client(running.url, token).get(`/api/v1/jobs/${job?.id}/steps/${step}/log`)).json()) as {
      lines: string[];
    };
    expect(log.lines.join("\n")).toContain("from the commit");
    for (const each of job?.steps ?? []) {
      const text = await (
        await client(running.url, token).get(`/api/v1/jobs/${job?.id}/steps/${each.index}/log/raw`)
      ).text();
      expect(text).not.toMatch(/sluicejob_[A-Z0-9]/);
    }
    expect(own.logged.join("")).not.toContain("sluicejob_");
    expect(await readFile(join(own.folder, "data", "sluice.db"))).not.toContain(token);
  });
});

function basic(token: string): string {
  return `Basic ${Buffer.from(`git:${token}`).toString("base64")}`;
}

/** Sends a path as it is: fetch would tidy it. */
async function raw(target: RunningServer, path: string, token: string): Promise<number> {
  const { hostname, port } = new URL(target.url);
  return new Promise((resolve, reject) => {
    const asking = request({ hostname, port, path, headers: { authorization: basic(token) } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    asking.on("error", reject);
    asking.end();
  });
}

/** Command lines of the processes that work in the test's own repositories. */
async function gitChildren(): Promise<readonly string[]> {
  const found: string[] = [];
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => "");
    if (cwd.startsWith(place.folder))
      found.push((await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).replaceAll("\0", " "));
  }
  return found;
}
