import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { configSchema } from "../../src/config/index.ts";
import type { RunDetail } from "../../src/model/index.ts";
import { createLogger, startServer, type RunningServer, type StartOptions } from "../../src/server/index.ts";

const run = promisify(execFile);

/** A folder for one test: data folders, working trees, and the servers on them. */
export class Place implements AsyncDisposable {
  readonly folder: string;
  readonly logged: string[] = [];
  readonly #servers: RunningServer[] = [];

  constructor(folder: string) {
    this.folder = folder;
  }

  static async create(): Promise<Place> {
    const folder = await mkdtemp(join(tmpdir(), "sluice-server-"));
    // Jobs of a server that is root run as another user, who must get through.
    await chmod(folder, 0o755);
    return new Place(folder);
  }

  /** Starts a server on a free port. */
  async start(settings: Readonly<Record<string, unknown>> = {}, options: StartOptions = {}): Promise<RunningServer> {
    const config = configSchema.parse({
      listen: "127.0.0.1:0",
      data: join(this.folder, "data"),
      runner: { capacity: 2 },
      ...settings,
    });
    const logger = createLogger({ level: "debug", human: false, write: (line) => this.logged.push(line) });
    const server = await startServer(config, { logger, ...options });
    this.#servers.push(server);
    return server;
  }

  async git(cwd: string, ...args: string[]): Promise<string> {
    const identity = {
      GIT_AUTHOR_NAME: "Ada",
      GIT_AUTHOR_EMAIL: "ada@example.org",
      GIT_COMMITTER_NAME: "Ada",
      GIT_COMMITTER_EMAIL: "ada@example.org",
    };
    const environment = {
      PATH: process.env["PATH"],
      HOME: this.folder,
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_TERMINAL_PROMPT: "0",
      USER: "ada",
      ...identity,
    };
    const { stdout } = await run("git", args, { cwd, env: environment, maxBuffer: 64 * 1024 * 1024 });
    return stdout.trim();
  }

  /** A working tree with one commit of these files. */
  async tree(name: string, files: Readonly<Record<string, string>>): Promise<string> {
    const tree = join(this.folder, name);
    await this.git(this.folder, "init", "--quiet", "-b", "main", tree);
    await this.commit(tree, "first", files);
    return tree;
  }

  async commit(tree: string, message: string, files: Readonly<Record<string, string>>): Promise<string> {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(tree, path)), { recursive: true });
      await writeFile(join(tree, path), text);
    }
    await this.git(tree, "add", "--all");
    await this.git(tree, "commit", "--quiet", "--allow-empty", "-m", message);
    return this.git(tree, "rev-parse", "HEAD");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#servers) await server.close();
    // Newer gits look after a repository in the background for a moment, when the command has ended.
    await rm(this.folder, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** The address of a repository with a token in it, as people give it to git. */
export function remote(server: RunningServer, name: string, token: string): string {
  return `${server.url.replace("://", `://git:${token}@`)}/git/${name}.git`;
}

/** A client of the API. */
export function client(
  url: string,
  token: string,
): { get(path: string): Promise<Response>; send(method: string, path: string, body?: unknown): Promise<Response> } {
  const send = async (method: string, path: string, body?: unknown): Promise<Response> =>
    fetch(`${url}${path}`, {
      method,
      redirect: "manual",
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  return { get: async (path) => send("GET", path), send };
}

/** Asks again, at intervals, until the answer is the one that is waited for; gives up after a minute. */
export async function eventually<T>(ask: () => Promise<T | undefined>): Promise<T> {
  const until = performance.now() + 60_000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > until) throw new Error("what was waited for did not happen");
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

const ended = new Set(["success", "failure", "cancelled", "skipped"]);

/** The run of a commit, once it has ended. */
export async function endedRun(server: RunningServer, token: string, sha: string): Promise<RunDetail> {
  const api = client(server.url, token);
  return eventually(async () => {
    const { runs } = (await (await api.get("/api/v1/runs")).json()) as {
      runs: { id: string; sha: string; status: string }[];
    };
    const found = runs.find((each) => each.sha === sha && ended.has(each.status));
    return found === undefined ? undefined : ((await (await api.get(`/api/v1/runs/${found.id}`)).json()) as RunDetail);
  });
}
