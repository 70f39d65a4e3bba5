import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import type { CompileTask } from "../src/server/compile/messages.ts";

const keeping = ["--import", resolve("scripts/keep-compiled.ts")];
const workflow = `on: push
jobs:
  one:
    runs-on: ubuntu-latest
    env:
      GREETING: hello
    steps:
      - run: echo "$GREETING, \${{ github.ref_name }}"
      - run: 'true'
`;

/**
 * Runs the program in dist/ and stores V8's compiled code beside its parts, so that the next start does not compile it
 * again. Covers only what is always needed: stored code has to be read. If this fails, the build is only slower.
 */
export async function tryOut(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "sluice-build-"));
  try {
    // One after the other: for a part that two of them load, the first decides what is stored. A run should start
    // fastest.
    for (const each of [run, server, compile, runner])
      await each(folder).catch((error: unknown) =>
        console.warn(`The build will start more slowly than it could: ${String(error)}`),
      );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A run of a small workflow. */
async function run(folder: string): Promise<void> {
  const tree = join(folder, "tree");
  await mkdir(join(tree, ".github/workflows"), { recursive: true });
  await writeFile(join(tree, ".github/workflows/ci.yml"), workflow);
  await promisify(execFile)(process.execPath, [...keeping, resolve("dist/sluice.cjs"), "run", "--dir", tree]);
}

/** A server that starts, responds, and exits. */
async function server(folder: string): Promise<void> {
  const config = join(folder, "sluice.yaml");
  const settings = {
    listen: "127.0.0.1:0",
    data: join(folder, "data"),
    runner: { embedded: false },
    logLevel: "error",
  };
  await writeFile(config, JSON.stringify(settings));
  const child = spawn(process.execPath, [...keeping, resolve("dist/sluice.cjs"), "server", "--config", config], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  let output = "";
  for await (const chunk of child.stdout) {
    output += String(chunk);
    const url = /listens on (\S+)/.exec(output)?.[1];
    if (url === undefined) continue;
    await fetch(`${url}/healthz`);
    break;
  }
  child.kill("SIGTERM");
  await once(child, "exit");
}

/** The thread compiles a workflow. */
async function compile(): Promise<void> {
  const thread = new Worker(resolve("dist/compile-worker.cjs"), { execArgv: keeping });
  const event = {
    kind: "push",
    repository: { name: "sample", defaultBranch: "main", cloneUrl: "http://127.0.0.1/sample.git" },
    ref: "refs/heads/main",
    sha: "0".repeat(40),
    sender: { login: "sample" },
    payload: {},
  } as const;
  const order: CompileTask = {
    question: {
      kind: "compile",
      files: [{ path: ".github/workflows/ci.yml", text: workflow }],
      context: { event, run: { id: "1", number: 1, attempt: 1 }, vars: {}, serverUrl: "http://127.0.0.1" },
    },
    before: [],
    room: { characters: 1_000_000, jobs: 100 },
  };
  // oxlint-disable-next-line require-post-message-target-origin -- a thread has no origin
  for (const message of [order, "end"]) thread.postMessage(message);
  await once(thread, "exit");
}

/** The process receives an invalid task, says so, and exits. */
async function runner(): Promise<void> {
  const child = spawn(process.execPath, [...keeping, resolve("dist/runner.cjs")], {
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  child.send({ type: "none" });
  await once(child, "exit");
}
