import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { chmod, mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Job, LogPage, Run, RunDetail, Step } from "../../src/model/index.ts";
import type { CrashPoint } from "../../src/transition/index.ts";
import { lastingPort } from "./port.ts";
import { Program, processesIn } from "./program.ts";
import { run } from "./sluice.ts";
import { until } from "./until.ts";

export interface InstallationOptions {
  /** What stands in `sluice.yaml`; a JSON document is YAML. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Name of the folder that everything lies in. */
  readonly folder?: string;
  /** Where the data is kept; below the folder unless told. */
  readonly data?: string;
}

/** What the API answered, when it was no success. */
export class Refused extends Error {
  readonly status: number;

  constructor(method: string, path: string, status: number, body: string) {
    super(`${method} ${path} was answered with ${status}: ${body}`);
    this.status = status;
  }
}

/**
 * A data folder with a built server on it, separate runners, and files that steps bear witness in; every one of them a
 * process or a file of its own. Leaving the scope ends and removes all of it.
 */
export class Installation implements AsyncDisposable {
  /** Holds everything. */
  readonly folder: string;
  readonly data: string;
  readonly #programs: Program[] = [];
  #server: Program | undefined;
  #port: number | undefined;
  #url = "";
  #token = "";

  private constructor(folder: string, data: string) {
    this.folder = folder;
    this.data = data;
  }

  /** Makes the folders and starts the server. */
  static async start(options: InstallationOptions = {}): Promise<Installation> {
    const base = await realpath(await mkdtemp(join(tmpdir(), "sluice-chaos-")));
    const folder = join(base, options.folder ?? "here");
    const place = new Installation(folder, options.data ?? join(folder, "data"));
    for (const each of [folder, place.temporary]) await mkdir(each);
    // Jobs of a server that is root run as another user, who must get through, and bears witness in files here.
    await chmod(base, 0o755);
    for (const each of [folder, place.temporary]) await chmod(each, 0o1777);
    await writeFile(join(folder, "sluice.yaml"), JSON.stringify(options.config ?? {}));
    try {
      await place.startServer();
    } catch (error) {
      await place[Symbol.asyncDispose]();
      throw error;
    }
    return place;
  }

  get server(): Program {
    if (this.#server === undefined) throw new Error("No server was started.");
    return this.#server;
  }

  get url(): string {
    return this.#url;
  }

  get token(): string {
    return this.#token;
  }

  /**
   * Starts the server, later again on the same data and the same port. Resolves when it listens.
   * @param crashAt where it kills itself
   */
  async startServer(crashAt?: CrashPoint): Promise<Program> {
    this.#port ??= await lastingPort();
    const server = this.#start(
      [
        "server",
        "--config",
        join(this.folder, "sluice.yaml"),
        "--data",
        this.data,
        "--listen",
        `127.0.0.1:${this.#port}`,
      ],
      crashAt === undefined ? {} : { SLUICE_CRASH_AT: crashAt },
    );
    this.#server = server;
    this.#url = (await server.says(/listens on (http:\/\/127\.0\.0\.1:\d+)/))[1] ?? "";
    if (this.#token === "") this.#token = (await server.says(/token[^:]*: (\S+)/))[1] ?? "";
    return server;
  }

  /** Starts a runner as a process of its own; resolves when it takes jobs. */
  async startRunner(
    name: string,
    options: { readonly labels?: string; readonly capacity?: number } = {},
  ): Promise<Program> {
    const { labels = "host", capacity = 1 } = options;
    const runner = this.program(
      "runner",
      "--server",
      this.url,
      "--token",
      this.token,
      "--name",
      name,
      "--labels",
      labels,
      "--capacity",
      String(capacity),
      "--work",
      join(this.folder, `work-of-${name}`),
    );
    await runner.says(/takes up to/);
    return runner;
  }

  /** Starts any command of the command line. */
  program(...args: readonly string[]): Program {
    return this.#start(args, {});
  }

  #start(args: readonly string[], env: Readonly<Record<string, string>>): Program {
    const program = new Program(args, { cwd: this.folder, env: { TMPDIR: this.temporary, ...env } });
    this.#programs.push(program);
    return program;
  }

  /** The server and runners that were started here and have not ended. */
  get running(): readonly Program[] {
    return this.#programs.filter((each) => each.running);
  }

  /** Where the programs put what is temporary; its path has no letters that trouble anybody. */
  get temporary(): string {
    return join(dirname(this.folder), "tmp");
  }

  /** A file that steps append lines to, outside of every workspace. */
  witness(name: string): Witness {
    return new Witness(join(this.folder, name));
  }

  /** Commits these files (path → text) in a working tree and pushes them; answers with the commit. The first push makes the repository. */
  async push(repository: string, files: Readonly<Record<string, string>>): Promise<string> {
    const tree = join(this.folder, `tree of ${repository}`);
    const identity = {
      GIT_AUTHOR_NAME: "Mira",
      GIT_AUTHOR_EMAIL: "mira@example.org",
      GIT_COMMITTER_NAME: "Mira",
      GIT_COMMITTER_EMAIL: "mira@example.org",
    };
    const env = { ...identity, HOME: this.folder, GIT_CONFIG_NOSYSTEM: "1", GIT_TERMINAL_PROMPT: "0" };
    const git = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await run("git", args, { cwd: tree, env });
      if (code !== 0) throw new Error(`git ${args[0]}: ${stderr}`);
      return stdout.trim();
    };
    await mkdir(tree, { recursive: true });
    await git("init", "--quiet", "--initial-branch=main");
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(tree, path)), { recursive: true });
      await writeFile(join(tree, path), text);
    }
    await git("add", "--all");
    await git("commit", "--quiet", "--allow-empty", "--message=a commit");
    await git(
      "push",
      "--quiet",
      `${this.url.replace("://", `://git:${this.token}@`)}/git/${repository}.git`,
      "HEAD:main",
    );
    return git("rev-parse", "HEAD");
  }

  /** Asks the API; rejects with `Refused` for anything but success, and with fetch's own error while there is no server. */
  async ask(method: "GET" | "POST", path: string, body?: unknown): Promise<Response> {
    const headers = {
      authorization: `Bearer ${this.token}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    };
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers,
      signal: AbortSignal.timeout(60_000),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Refused(method, path, response.status, await response.text());
    return response;
  }

  async get<T>(path: string): Promise<T> {
    return (await (await this.ask("GET", path)).json()) as T;
  }

  /** The run of a commit as it stands; undefined before it is there. */
  async runOf(sha: string): Promise<RunDetail | undefined> {
    const { runs } = await this.get<{ runs: Run[] }>(`/api/v1/runs?text=${sha}`);
    return runs[0] === undefined ? undefined : this.get<RunDetail>(`/api/v1/runs/${runs[0].id}`);
  }

  /** The run of a commit, once it has ended. */
  async endOf(sha: string, seconds = 120): Promise<RunDetail> {
    let last: RunDetail | undefined;
    try {
      return await until(
        "the end of the run",
        async () => {
          last = await this.runOf(sha);
          return last !== undefined && /^(success|failure|cancelled|skipped)$/.test(last.status) ? last : undefined;
        },
        seconds,
      );
    } catch (error) {
      throw new Error(`${String(error)}; it is ${JSON.stringify(last?.jobs)}; the server said:\n${this.server.said}`, {
        cause: error,
      });
    }
  }

  /** A step of a run by the names of its job and itself, once there is one. */
  async stepOf(sha: string, job: string, step: string): Promise<{ readonly job: Job; readonly step: Step }> {
    return until(`the step ${step} of ${job}`, async () => {
      const found = (await this.runOf(sha))?.jobs.find((each) => each.name === job || each.job === job);
      const its = found?.steps.find((each) => each.name === step || each.id === step);
      return found === undefined || its === undefined ? undefined : { job: found, step: its };
    });
  }

  /** A step's log as the page sees it. */
  async log(job: string, step: number, first = 1, count = 5000): Promise<LogPage> {
    return this.get<LogPage>(`/api/v1/jobs/${job}/steps/${step}/log?first=${first}&count=${count}`);
  }

  /** A step's whole log, as it was written. */
  async rawLog(job: string, step: number): Promise<Buffer> {
    return Buffer.from(await (await this.ask("GET", `/api/v1/jobs/${job}/steps/${step}/log/raw`)).arrayBuffer());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const program of this.running) {
      program.signal("SIGCONT");
      await program.kill();
    }
    // What a killed runner's steps left running is ours to end.
    for (let round = 0; round < 20; round += 1) {
      const left = [...processesIn(this.folder), ...processesIn(this.data)];
      if (left.length === 0) break;
      for (const pid of left) end(pid);
    }
    await rm(dirname(this.folder), { recursive: true, force: true, maxRetries: 5 });
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself meanwhile.
  }
}

/** A file outside of all workspaces that steps append to: what happened, and how often. */
export class Witness {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** The path as a word of a shell. */
  get quoted(): string {
    return `'${this.path.replaceAll("'", "'\\''")}'`;
  }

  get lines(): string[] {
    return existsSync(this.path) ? readFileSync(this.path, "utf8").split("\n").slice(0, -1) : [];
  }

  /** A test's own word, for steps that wait for the file. */
  write(line = ""): void {
    appendFileSync(this.path, `${line}\n`);
  }

  /** Resolves when so many lines are there. */
  async has(count: number, seconds = 60): Promise<string[]> {
    return until(
      `${count} lines in ${this.path}`,
      () => (this.lines.length >= count ? this.lines : undefined),
      seconds,
    );
  }

  /** Resolves when a line is there. */
  async shows(line: string, seconds = 60): Promise<void> {
    await until(`"${line}" in ${this.path}`, () => (this.lines.includes(line) ? true : undefined), seconds);
  }
}
