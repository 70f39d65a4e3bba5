import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Source } from "../../model/index.ts";
import { run, scratchFolder, script, uses } from "../testing.ts";

const scratch = scratchFolder();
afterAll(() => scratch.remove());
const work = join(scratch.path, "work");
const source = join(scratch.path, "the source");

function git(cwd: string, ...args: string[]): string {
  return execFileSync("git", ["-c", "user.name=T", "-c", "user.email=t@e", ...args], {
    cwd,
    encoding: "utf8",
    env: { PATH: process.env["PATH"], GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" },
  }).trim();
}

let first = "";
let second = "";

beforeAll(() => {
  mkdirSync(source);
  git(source, "init", "-q", "-b", "main");
  writeFileSync(join(source, "a"), "1\n");
  writeFileSync(join(source, ".gitignore"), "ignored\n");
  git(source, "add", "-A");
  git(source, "commit", "-q", "-m", "one");
  git(source, "tag", "v1");
  first = git(source, "rev-parse", "HEAD");
  writeFileSync(join(source, "a"), "2\n");
  writeFileSync(join(source, "b"), "b\n");
  git(source, "add", "-A");
  git(source, "commit", "-q", "-m", "two");
  second = git(source, "rev-parse", "HEAD");
});

function job(
  from: Source,
  inputs: Readonly<Record<string, string>>,
  body: string,
  more: { secrets?: Record<string, string> } = {},
) {
  return run(work, {
    steps: [uses("co", "actions/checkout@v4", inputs), script("see", body)],
    assignment: { source: from, ...more },
  });
}

function from(ref: string, sha: string): Source {
  return { kind: "git", url: source, ref, sha };
}

describe("checkout of a repository", () => {
  it("fetches the one commit of the run, as its branch", async () => {
    const { logs, steps } = await job(
      from("refs/heads/main", second),
      {},
      "cat a; git rev-parse HEAD; git branch --show-current; git rev-list --count HEAD; git status --porcelain; echo ${{ steps.co.outputs.commit }} ${{ steps.co.outputs.ref }}",
    );
    expect(steps).toEqual({ co: "success", see: "success" });
    // git makes no shallow clone of a plain folder's objects by itself, so the depth is asked for like anywhere.
    expect(logs[1]).toBe(`2\n${second}\nmain\n1\n${second} refs/heads/main\n`);
  });

  it("fetches everything with depth 0, and a tag detached", async () => {
    const { logs } = await job(
      from("refs/tags/v1", first),
      { "fetch-depth": "0" },
      "cat a; git branch --show-current; git describe --tags; git rev-parse origin/main",
    );
    expect(logs[1]).toBe(`1\nv1\n${second}\n`);
  });

  it("checks out another ref into another folder, and clears it first", async () => {
    const { logs, steps } = await run(work, {
      steps: [
        script("old", "mkdir -p sub && echo old > sub/old"),
        uses("co", "actions/checkout@v4", { ref: "v1", path: "sub" }),
        script("see", "ls; ls sub; cat sub/a"),
      ],
      assignment: { source: from("refs/heads/main", second) },
    });
    expect(steps["co"]).toBe("success");
    expect(logs[2]).toBe("sub\na\n1\n");
  });

  it.each([
    [{ ref: "no-such" }, /no branch or tag no-such/],
    [{ repository: "some/other" }, /not some\/other/],
    [{ path: "../x" }, /outside/],
    [{ "fetch-depth": "-1" }, /whole number/],
  ])("fails with a clear message for %j", async (inputs, message) => {
    const { logs, steps } = await job(from("refs/heads/main", second), inputs, "true");
    expect(steps["co"]).toBe("failure");
    expect(logs[0]).toMatch(message);
  });

  it("reports a missing ref, and checks out the tree's own commit", async () => {
    const { logs, steps } = await job(
      { kind: "folder", path: source, ref: "refs/heads/main", sha: second },
      { ref: "nowhere" },
      "git rev-parse HEAD",
    );
    expect(steps).toEqual({ co: "success", see: "success" });
    expect(logs[0]).toContain("##[warning]This repository has no nowhere");
    expect(logs[1]).toBe(`${second}\n`);
    const made = await job(
      { kind: "folder", path: source, ref: "refs/pull/1/merge", sha: "a".repeat(40) },
      { ref: "a".repeat(40) },
      "git rev-parse HEAD",
    );
    expect(made.logs[0]).not.toContain("warning");
    expect(made.logs[1]).toBe(`${second}\n`);
  });

  it("sends the token to the server, also for the steps' own git unless told otherwise, and leaves it neither in the checkout nor in the log", async () => {
    const seen: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(403).end("no for s3cret-token");
    });
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}/r.git`;
    const outcome = await run(work, {
      steps: [
        uses("co", "actions/checkout@v4"),
        script("see", "cat .git/config; env; ls; git fetch origin", { if: { $expr: "always()" } }),
        uses(
          "again",
          "actions/checkout@v4",
          { path: "p", "persist-credentials": "false" },
          { if: { $expr: "always()" } },
        ),
        script("none", "cd p && git fetch origin", { if: { $expr: "always()" } }),
      ],
      assignment: { source: { kind: "git", url, ref: "refs/heads/main", sha: second, token: "s3cret-token" } },
    });
    server.close();
    const basic = Buffer.from("x-access-token:s3cret-token").toString("base64");
    expect(outcome.steps["co"]).toBe("failure");
    // The checkout and the step's own fetch; the second checkout keeps nothing for the fetch that follows it.
    expect(seen.filter((each) => each === `Basic ${basic}`).length).toBeGreaterThanOrEqual(3);
    expect(seen.at(-1)).toBeUndefined();
    expect(JSON.stringify(outcome)).not.toContain("s3cret-token");
    expect(JSON.stringify(outcome)).not.toContain(basic);
    expect(outcome.logs[1]).not.toContain("extraheader");
  });
});

describe("checkout of a working tree", () => {
  const tree: Source = { kind: "folder", path: source, ref: "refs/heads/main", sha: "" };

  it("has the history and uncommitted changes, and does not change the source", async () => {
    writeFileSync(join(source, "a"), "changed\n");
    writeFileSync(join(source, "new file"), "n\n");
    writeFileSync(join(source, "ignored"), "i\n");
    rmSync(join(source, "b"));
    const { logs, steps } = await job(
      { ...tree, sha: second },
      {},
      "cat a 'new file'; ls; git log --format=%s; git branch --show-current; git status --porcelain; git -c user.name=x -c user.email=x@example.org commit -qam x; git gc -q --prune=now; git push -q origin HEAD:evil && echo pushed; true",
    );
    expect(steps).toEqual({ co: "success", see: "success" });
    expect(logs[1]).toContain('changed\nn\na\nnew file\ntwo\none\nmain\n M a\n D b\n?? "new file"\n');
    expect(logs[1]).not.toContain("\npushed");
    expect(git(source, "branch", "--list")).toBe("* main");
    expect(git(source, "fsck", "--full")).not.toContain("missing");
    git(source, "checkout", "-q", ".");
    rmSync(join(source, "new file"));
    rmSync(join(source, "ignored"));
  });

  it("works for a folder without git, and for a repository without a commit", async () => {
    const plain = join(scratch.path, "plain");
    mkdirSync(join(plain, "d"), { recursive: true });
    writeFileSync(join(plain, "d", "f"), "f\n");
    const one = await job({ ...tree, path: plain }, {}, "cat d/f; git rev-parse 2>&1 | head -c 5; true");
    expect(one.logs[1]).toContain("f\nfatal");
    git(plain, "init", "-q");
    const two = await job({ ...tree, path: plain, sha: "0".repeat(40) }, {}, "cat d/f");
    expect(two.logs[1]).toBe("f\n");
  });

  it("checks out another ref as it is in the history", async () => {
    const { logs } = await job({ ...tree, sha: second }, { ref: "v1" }, "cat a; git rev-parse HEAD");
    expect(logs[1]).toBe(`1\n${first}\n`);
  });
});
