import { request } from "node:http";
import { randomBytes } from "node:crypto";
import { readFile, readdir, writeFile } from "node:fs/promises";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunningServer } from "../../src/server/index.ts";
import { Place, client, endedRun, eventually, remote } from "./running-server.ts";

const workflow = "on: push\njobs:\n  hello:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo hello\n";
const run = promisify(execFile);

let place: Place;
let server: RunningServer;
let admin: string;
beforeAll(async () => {
  place = await Place.create();
  server = await place.start({ git: { pushLimitMiB: 1 } });
  admin = server.firstToken ?? "";
});
afterAll(async () => place[Symbol.asyncDispose]());

/** Pushes, and answers with what git said to the pusher, whether it succeeded or not. */
async function push(
  tree: string,
  name: string,
  ...args: string[]
): Promise<{ readonly ok: boolean; readonly said: string }> {
  const environment = {
    PATH: process.env["PATH"],
    HOME: place.folder,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
  };
  return run("git", ["push", remote(server, name, admin), ...args], { cwd: tree, env: environment }).then(
    ({ stderr }) => ({ ok: true, said: stderr }),
    (error: { stderr: string }) => ({ ok: false, said: error.stderr }),
  );
}

/** What lies in a repository's objects besides finished ones. */
async function leftovers(name: string): Promise<readonly string[]> {
  const found = await readdir(join(place.folder, "data", "git", `${name}.git`, "objects"), { recursive: true });
  return found.filter((path) => /tmp|incoming/.test(path));
}

describe("a push", () => {
  it.each([
    ["whole", []],
    ["in chunks", ["-c", "http.postBuffer=65536"]],
  ])("that is too large is refused by git in plain words, sent %s, and leaves nothing", async (how, options) => {
    const name = `large-${how.replace(" ", "-")}`;
    const tree = await place.tree(name, { "README.md": "hello" });
    expect(await push(tree, name, "main")).toMatchObject({ ok: true });
    await writeFile(join(tree, "big.bin"), randomBytes(3 * 1024 * 1024));
    await place.commit(tree, "big", {});
    for (const [key, value] of options.map((each) => each.split("=")).filter((each) => each.length === 2))
      await place.git(tree, "config", key ?? "", value ?? "");
    const { ok, said } = await push(tree, name, "main");
    expect(ok).toBe(false);
    expect(said).toContain("pack exceeds maximum allowed size");
    await eventually(async () => ((await leftovers(name)).length === 0 ? true : undefined));
  });

  it("whose client goes away in the middle leaves nothing", async () => {
    await push(await place.tree("cut", { "README.md": "hello" }), "cut", "main");
    const zero = "0".repeat(40);
    const command = `${zero} ${"1".repeat(40)} refs/heads/x\0 report-status`;
    const head = Buffer.from(
      `${(command.length + 4).toString(16).padStart(4, "0")}${command}0000PACK\0\0\0\x02\0\0\0\x05`,
    );
    const authorization = `Basic ${Buffer.from(`x:${admin}`).toString("base64")}`;
    const asked = request(`${server.url}/git/cut.git/git-receive-pack`, {
      method: "POST",
      headers: { authorization, "content-type": "application/x-git-receive-pack-request" },
    });
    asked.on("error", () => undefined);
    asked.write(head);
    const received = await eventually(async () => (await leftovers("cut")).find((path) => path.includes("incoming")));
    asked.destroy();
    await eventually(async () => ((await leftovers("cut")).includes(received) ? undefined : true));
    expect(await leftovers("cut")).toEqual([]);
  });

  it("is refused when it is compressed, or when it lists refs without end", async () => {
    await push(await place.tree("list", { "README.md": "hello" }), "list", "main");
    const authorization = `Basic ${Buffer.from(`x:${admin}`).toString("base64")}`;
    const address = `${server.url}/git/list.git/git-receive-pack`;
    const type = { authorization, "content-type": "application/x-git-receive-pack-request" };
    const compressed = await fetch(address, {
      method: "POST",
      headers: { ...type, "content-encoding": "gzip" },
      body: "0000",
    });
    expect([compressed.status, ((await compressed.json()) as { code: string }).code]).toEqual([400, "call-invalid"]);
    const line = `${"0".repeat(40)} ${"1".repeat(40)} refs/heads/${"x".repeat(200)}\n`;
    const many = Buffer.from(`${(line.length + 4).toString(16).padStart(4, "0")}${line}`.repeat(10_000));
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (let count = 0; count < 20; count += 1) yield many;
    }
    const long = await fetch(address, {
      method: "POST",
      headers: type,
      body: ReadableStream.from(endless()),
      duplex: "half",
    });
    expect([long.status, ((await long.json()) as { code: string }).code]).toEqual([413, "payload-too-large"]);
  });

  it("of thousands of refs starts runs for a hundred, the default branch first, and says so", async () => {
    const tree = await place.tree("many", {
      ".github/workflows/ci.yml": workflow.replace("    steps:", "    if: false\n    steps:"),
    });
    const sha = await place.git(tree, "rev-parse", "HEAD");
    const packed = Array.from({ length: 3000 }, (_, index) => `${sha} refs/heads/a${String(index).padStart(5, "0")}\n`);
    await writeFile(
      join(tree, ".git", "packed-refs"),
      `# pack-refs with: peeled fully-peeled sorted \n${packed.join("")}`,
    );
    const { ok, said } = await push(tree, "many", "--all");
    expect(ok).toBe(true);
    expect(said).toContain("sluice: this push moves 3001 refs. Runs start for 100 of them: the default branch first");
    const api = client(server.url, admin);
    await eventually(async () =>
      place.logged.some((line) => line.includes("a push moved 3001 refs")) ? true : undefined,
    );
    const { runs } = (await (await api.get("/api/v1/runs?repository=many&limit=100")).json()) as {
      runs: { id: string; ref: string }[];
    };
    const all = await eventually(async () => {
      const answer = (await (await api.get("/api/v1/runs?repository=many&limit=100")).json()) as {
        runs: { ref: string; number: number }[];
        next?: string;
      };
      return answer.runs.length === 100 ? answer : undefined;
    });
    expect(runs.length).toBeLessThanOrEqual(100);
    expect(all.next).toBeUndefined();
    expect(all.runs.find((each) => each.number === 1)?.ref).toBe("refs/heads/main");
    // The others are known: a small push afterwards starts one run, and not theirs.
    const next = await place.commit(tree, "next", {});
    expect((await push(tree, "many", "main")).said).not.toContain("sluice:");
    expect(await endedRun(server, admin, next)).toMatchObject({ number: 101 });
  });

  it("changes neither hooks nor configuration nor anything outside of its refs", async () => {
    const name = "names";
    const tree = await place.tree(name, { ".github/workflows/ci.yml": workflow });
    await push(tree, name, "main");
    const bare = join(place.folder, "data", "git", `${name}.git`);
    const before = [
      await readFile(join(bare, "config"), "utf8"),
      await readFile(join(bare, "hooks", "post-receive"), "utf8"),
      await readFile(join(bare, "HEAD"), "utf8"),
    ];
    for (const ref of [
      "refs/heads/../../config",
      "../config",
      "HEAD",
      "config",
      "hooks/post-receive",
      "refs/../hooks/post-receive",
      "refs/heads/a..b",
      "refs/heads/x.lock",
      "refs/heads/-rf",
      "refs/sluice/x",
      "refs/heads/$(touch pwned)",
      "refs/heads/a;id",
      "refs/heads/`id`",
      "refs/heads/é\u202Ex",
    ]) {
      await push(tree, name, `main:${ref}`);
    }
    expect([
      await readFile(join(bare, "config"), "utf8"),
      await readFile(join(bare, "hooks", "post-receive"), "utf8"),
      await readFile(join(bare, "HEAD"), "utf8"),
    ]).toEqual(before);
    expect(await readdir(join(bare, "hooks"))).toEqual(["post-receive"]);
    const wanted = ["-rf", "HEAD", "`id`", "a;id", "config", "hooks/post-receive", "main", "é\u202Ex"].map(
      (each) => `refs/heads/${each}`,
    );
    const found = await eventually(async () => {
      const { runs } = (await (await client(server.url, admin).get(`/api/v1/runs?repository=${name}`)).json()) as {
        runs: { ref: string; status: string }[];
      };
      return runs.length >= wanted.length && runs.every((each) => each.status === "success") ? runs : undefined;
    });
    expect(found.map((each) => each.ref).toSorted()).toEqual(wanted.toSorted());
  });
});
