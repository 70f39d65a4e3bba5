import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Source, StepPlan } from "../model/index.ts";
import { describeBackend } from "./backend/conformance/suite.ts";
import { elsewhereBackend } from "./backend/elsewhere.fixture.ts";
import { container, memoryTransfers, run, scratchFolder, script, text, uses } from "./testing.ts";

const scratch = scratchFolder();
afterAll(() => scratch.remove());
const work = join(scratch.path, "work");
const source = join(scratch.path, "source");
const folder: Source = { kind: "folder", path: source, sha: "0".repeat(40), ref: "refs/heads/main" };

function put(files: Readonly<Record<string, string>>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(source, name)), { recursive: true });
    writeFileSync(join(source, name), content);
  }
}

beforeAll(() => {
  put({
    "lock.json": "{}",
    "js/action.yml": "inputs: { a: {} }\nruns: { using: node20, main: main.mjs, post: post.mjs }\n",
    "js/main.mjs":
      'import { appendFileSync, existsSync } from "node:fs"; console.log("main", process.env.INPUT_A, existsSync(process.env.GITHUB_EVENT_PATH)); appendFileSync(process.env.GITHUB_OUTPUT, "o=1\\n");',
    "js/post.mjs": 'console.log("post");',
    "docker/action.yml":
      "inputs: { a: { default: x } }\noutputs: { o: {} }\nruns: { using: docker, image: Dockerfile, args: [one, '${{ inputs.a }} two'], post-entrypoint: cat }\n",
    "docker/Dockerfile": "FROM scratch\n",
    "remote/action.yml": "runs: { using: docker, image: 'docker://tool:3', entrypoint: echo, args: [hello] }\n",
  });
  const git = (...args: string[]): void =>
    void execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], { cwd: source });
  git("init", "-q", "-b", "main");
  git("add", "-A");
  git("commit", "-q", "-m", "one");
  symlinkSync("/nowhere/at/all", join(source, "link"));
  writeFileSync(join(source, "lock.json"), '{"changed":1}');
});

describeBackend({ name: "elsewhere", load: async () => elsewhereBackend(work) });

const checkout = uses("checkout", "actions/checkout@v4");

async function runThere(steps: readonly StepPlan[], more: Partial<Parameters<typeof run>[1]> = {}) {
  const backend = elsewhereBackend(work);
  const outcome = await run(work, {
    ...more,
    steps,
    assignment: { source: folder },
    ports: { backend, ...more.ports },
  });
  return { ...outcome, asked: backend.asked };
}

describe("a job whose environment is not this machine", () => {
  it("has the local folder checked out: its history, what is not committed, and links that lead nowhere", async () => {
    const { steps, logs } = await runThere([
      checkout,
      script("look", "git log --format=%s; cat lock.json; readlink link; git fsck --full && ls .git/objects/info"),
    ]);
    expect(steps).toEqual({ checkout: "success", look: "success" });
    expect(logs[1]).toMatch(/^one\n\{"changed":1\}\/nowhere\/at\/all\n/);
    expect(logs[1]).not.toContain("alternates");
  });

  it("runs actions, hashes files, and keeps variables, outputs and files for what follows", async () => {
    const { steps, logs } = await runThere([
      checkout,
      uses("js", "./js", { a: "given" }),
      script("next", 'echo "[${{ steps.js.outputs.o }}] [${{ hashFiles(\'*.json\') }}]"; echo V=1 >> "$GITHUB_ENV"'),
      script("skipped", "true", { if: { $expr: "hashFiles('none') != ''" } }),
      script("own", 'echo "[$V]"', { if: { $expr: "hashFiles('lock.json') != ''" } }),
      uses("commit", "$/js", { a: "of the commit" }),
    ]);
    expect(steps).toMatchObject({
      js: "success",
      next: "success",
      skipped: "skipped",
      own: "success",
      commit: "success",
    });
    expect(logs[1]).toContain("main given true");
    expect(logs[2]).toMatch(/^\[1\] \[[0-9a-f]{64}\]\n$/);
    expect(logs[4]).toBe("[1]\n");
    expect(logs.slice(6)).toEqual(["post\n", "post\n"]);
  });

  it("moves artifacts and caches", async () => {
    const transfers = memoryTransfers();
    const first = await runThere(
      [
        script("make", "mkdir -p out/d cached; echo 1 > out/d/a; echo 2 > cached/b"),
        uses("up", "actions/upload-artifact@v4", { name: "files", path: "out" }),
        uses("save", "actions/cache/save@v4", { key: "k", path: "cached" }),
      ],
      { ports: { transfers } },
    );
    expect(first.finished.status).toBe("success");
    const second = await runThere(
      [
        uses("down", "actions/download-artifact@v4", { name: "files", path: "in" }),
        uses("restore", "actions/cache/restore@v4", { key: "k", path: "cached" }),
        script("look", "cat in/d/a cached/b"),
      ],
      { ports: { transfers } },
    );
    expect(second.logs[2]).toBe("1\n2\n");
  });

  it("uses its own git, or gets its checkout from the runner's machine", async () => {
    const served = { kind: "git" as const, url: `file://${source}`, sha: head(), ref: "refs/heads/main" };
    for (const git of [true, false]) {
      const { steps, logs } = await run(work, {
        steps: [checkout, script("look", "git log --format=%s; git status --short")],
        assignment: { source: served },
        ports: { backend: elsewhereBackend(work, { git }) },
      });
      expect(steps).toEqual({ checkout: "success", look: "success" });
      expect(logs[1]).toBe("one\n");
    }
  });
});

describe("a job in containers", () => {
  it("gets its evaluated container, and reports slow work before its first step", async () => {
    const { asked, reports, logs } = await runThere([script("a", "echo '${{ job.container.id }}'")], {
      job: {
        env: { TAG: "3" },
        container: {
          image: text("node:${{ env.TAG }}"),
          env: { A: "1" },
          options: "--cpus 1",
          ports: [80],
          volumes: ["/a:/b"],
          credentials: { username: "u", password: text("${{ secrets.P }}") },
        },
      },
    });
    expect(asked.opened[0]?.container).toEqual({
      image: "node:3",
      env: { A: "1" },
      options: "--cpus 1",
      ports: ["80"],
      volumes: ["/a:/b"],
      credentials: { username: "u", password: "" },
    });
    expect(reports[0]).toMatchObject({ type: "step.added", name: "Set up job" });
    expect(logs[1]).toBe("Pulling node:3\n");
    expect(logs[0]).toBe("c1\n");
  });

  it("has services that steps find by their ports, and that end with it", async () => {
    const { steps, logs, finished } = await runThere([script("a", "echo '${{ job.services.db.ports[5432] }}'")], {
      job: {
        services: [
          { id: "db", image: "postgres:16", env: {} },
          { id: "none", image: text("${{ '' }}"), env: {} },
        ],
      },
    });
    expect(steps).toEqual({ a: "success", db: "success" });
    expect(logs).toEqual(["49152\n", "service db of postgres:16\n"]);
    expect(finished.status).toBe("success");
  });

  it("runs Docker actions: built from a folder, from a registry, and images that a step names", async () => {
    const { steps, logs, asked } = await runThere([
      checkout,
      uses("built", "./docker", { a: "given" }),
      uses("remote", "./remote"),
      uses("image", "docker://alpine:3", { entrypoint: "echo", args: "'a b' c" }),
      script("after", "echo '${{ steps.built.outputs.o }}'"),
    ]);
    expect(steps).toMatchObject({ built: "success", remote: "success", image: "success" });
    expect(logs[1]).toMatch(/^building\nimage built-\w{8}; arguments one given two; input given\n/);
    expect(logs[1]).toContain("lock.json");
    expect(logs[2]).toBe("hello\n");
    expect(logs[3]).toBe("a b c\n");
    expect(logs[4]).toMatch(/^built-\w{8}\n$/);
    expect(asked.images.map((each) => each.image)).toEqual([
      expect.stringMatching(/^built-/),
      "tool:3",
      "alpine:3",
      expect.stringMatching(/^built-/),
    ]);
  });

  it("runs Woodpecker's steps in their images: commands, plugins, and entrypoints", async () => {
    const { steps, logs, asked } = await runThere([
      container("commands", { image: "golang", commands: ["echo in $IMAGE", "echo done"] }),
      container("plugin", { image: "plugins/x", settings: { a: "b" }, privileged: true }, { env: { INPUT_A: "seen" } }),
      container("entry", { image: "tool", entrypoint: ["/bin/sh", "-c", "echo entry $IMAGE"] }),
    ]);
    expect(steps).toEqual({ commands: "success", plugin: "success", entry: "success" });
    expect(logs[0]).toBe("+ echo in $IMAGE\nin golang\n+ echo done\ndone\n");
    expect(logs[1]).toContain("image plugins/x; arguments ; input seen\n");
    expect(logs[2]).toBe("entry tool\n");
    expect(asked.images.map((each) => each.privileged)).toEqual([false, true, false]);
    expect(asked.opened[0]?.images).toEqual(["golang", "plugins/x", "tool"]);
  });
});

function head(): string {
  return execFileSync("git", ["rev-parse", "HEAD"], { cwd: source, encoding: "utf8" }).trim();
}
