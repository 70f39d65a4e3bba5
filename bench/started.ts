import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { git, sluice } from "./measure.ts";

/** A built server on embedded defaults, with what the benchmarks need. */
export class BenchServer implements AsyncDisposable {
  readonly folder: string;
  readonly url: string;
  /** An admin token. */
  readonly token: string;
  readonly #child: ChildProcess;

  private constructor(folder: string, url: string, token: string, child: ChildProcess) {
    this.folder = folder;
    this.url = url;
    this.token = token;
    this.#child = child;
  }

  /** @param runner the `runner` section of `sluice.yaml`. */
  static async start(folder: string, runner: string): Promise<BenchServer> {
    const config = join(folder, "sluice.yaml");
    writeFileSync(config, `listen: 127.0.0.1:0\ndata: ${join(folder, "data")}\nrunner: ${runner}\nlogLevel: error\n`);
    const child = spawn(sluice, ["server", "--config", config], { stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    for await (const chunk of child.stdout) {
      output += String(chunk);
      const url = /listens on (\S+)/.exec(output)?.[1];
      const token = /shown this once: (\S+)/.exec(output)?.[1];
      if (url === undefined || token === undefined) continue;
      return new BenchServer(folder, url, token, child);
    }
    throw new Error(`the server did not start: ${output}`);
  }

  /** An attached bare repository, and a working tree of it with these files. */
  async repository(
    name: string,
    files: Readonly<Record<string, string>>,
  ): Promise<{ readonly bare: string; readonly tree: string }> {
    const bare = join(this.folder, `${name}.git`);
    const tree = join(this.folder, name);
    git(this.folder, "init", "-q", "--bare", "-b", "main", bare);
    git(this.folder, "clone", "-q", bare, tree);
    git(tree, "checkout", "-q", "-B", "main");
    for (const [path, text] of Object.entries(files)) writeFileSync(join(tree, path), text);
    git(tree, "add", "-A");
    git(tree, "commit", "-q", "-m", "bench");
    await this.ask("POST", "/api/v1/repositories", { name, path: bare });
    return { bare, tree };
  }

  async ask(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(this.url + path, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  }

  /** Commits a file with this text in the working tree and pushes it; returns the commit. */
  push(tree: string, path: string, text: string): string {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), text);
    git(tree, "add", "-A");
    git(tree, "commit", "-q", "--allow-empty", "-m", "bench");
    git(tree, "push", "-q", "origin", "main");
    return git(tree, "rev-parse", "HEAD");
  }

  /** The run of a commit, once it exists. */
  async run(sha: string): Promise<{ readonly id: string; readonly status: string }> {
    for (;;) {
      const { runs } = (await this.ask("GET", "/api/v1/runs?limit=5")) as {
        runs: { id: string; sha: string; status: string }[];
      };
      const run = runs.find((each) => each.sha === sha);
      if (run !== undefined) return run;
      await pause(10);
    }
  }

  /** The run of a commit, once it has finished. */
  async ended(sha: string): Promise<EndedRun> {
    for (;;) {
      const { id, status } = await this.run(sha);
      if (!["pending", "blocked", "running"].includes(status))
        return (await this.ask("GET", `/api/v1/runs/${id}`)) as EndedRun;
      await pause(10);
    }
  }

  /** Current and maximum resident memory of the server, in MB. */
  memory(): { readonly now: number; readonly peak: number } {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, "utf8");
    const megabytes = (key: string): number => Number(new RegExp(`${key}:\\s+(\\d+)`).exec(status)?.[1]) / 1024;
    return { now: megabytes("VmRSS"), peak: megabytes("VmHWM") };
  }

  /** Resident memory of the server's child processes, in MB: the runner, if the server is root. */
  memoryBeside(): number {
    const children = readFileSync(`/proc/${this.#child.pid}/task/${this.#child.pid}/children`, "utf8")
      .split(" ")
      .filter((pid) => pid !== "");
    return children
      .map((pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024)
      .reduce((sum, each) => sum + each, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGTERM");
    await ended;
  }
}

export interface EndedRun {
  readonly id: string;
  readonly status: string;
  readonly createdAt: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly jobs: readonly {
    readonly id: string;
    readonly status: string;
    readonly steps: readonly {
      readonly startedAt: string;
      readonly finishedAt: string;
      readonly lines: number;
      readonly bytes: number;
    }[];
  }[];
}
