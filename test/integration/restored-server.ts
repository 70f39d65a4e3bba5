import type { Problem, Run, RunDetail } from "../../src/model/index.ts";
import { httpChannel, type RunnerChannel } from "../../src/runner/index.ts";
import type { RunningServer } from "../../src/server/index.ts";
import { restoreDataFolder, type StoredTokens } from "../support/data-folder.ts";
import { type Place, client, eventually } from "./running-server.ts";

/** A minute after the kill of 0.1.0: the schedule of each minute is due, and no artifact has expired. */
export const restarted = Date.parse("2026-11-28T19:08:05Z");

/** A server on the data folder of an earlier version, and clients of it. */
export class RestoredServer {
  readonly server: RunningServer;
  readonly tokens: StoredTokens;

  constructor(server: RunningServer, tokens: StoredTokens) {
    this.server = server;
    this.tokens = tokens;
  }

  /** Restores the data folder of a version and starts a server on it, after `change` had its way with the database. */
  static async start(
    place: Place,
    database: string,
    version: string,
    change: (database: string) => Promise<void> = async () => {},
  ): Promise<RestoredServer> {
    const tokens = await restoreDataFolder(version, place.folder, database);
    await change(database);
    const since = performance.now();
    const server = await place.start(
      { database, runner: { capacity: 2, labels: ["host", "linux"] } },
      { now: () => restarted + Math.floor(performance.now() - since) },
    );
    return new RestoredServer(server, tokens);
  }

  async get<T>(path: string, token = this.tokens.viewer): Promise<T> {
    const response = await client(this.server.url, token).get(`/api/v1${path}`);
    answered(response, 200);
    return (await response.json()) as T;
  }

  async raw(path: string): Promise<Buffer> {
    const response = await client(this.server.url, this.tokens.viewer).get(`/api/v1${path}`);
    answered(response, 200);
    return Buffer.from(await response.arrayBuffer());
  }

  /** The code of a request that fails. */
  async problem(method: "GET" | "POST", path: string, body?: unknown): Promise<string> {
    const response = await client(this.server.url, this.tokens.writer).send(method, `/api/v1${path}`, body);
    return ((await response.json()) as Problem).code;
  }

  async post(path: string, body: unknown): Promise<void> {
    answered(await client(this.server.url, this.tokens.writer).send("POST", `/api/v1${path}`, body), 202);
  }

  async runs(): Promise<readonly Run[]> {
    return (await this.get<{ runs: Run[] }>("/runs?limit=100")).runs;
  }

  /** The run `repository#number`. */
  async run(name: string): Promise<RunDetail> {
    const found = (await this.runs()).find((run) => nameOf(run) === name);
    if (found === undefined) throw new Error(`There is no run ${name}.`);
    return this.get(`/runs/${found.id}`);
  }

  /** The same as soon as it is as it shall be. */
  async once(name: string, good: (run: RunDetail) => boolean): Promise<RunDetail> {
    return eventually(async () => {
      if (!(await this.runs()).some((run) => nameOf(run) === name)) return undefined;
      const run = await this.run(name);
      return good(run) ? run : undefined;
    });
  }

  /** The runner that was there before the kill. */
  get ann(): RunnerChannel {
    return httpChannel({ url: this.server.url, token: this.tokens.ann });
  }

  /** Takes the next job that fits the labels, as the runner `ann`, and reports its success. */
  async work(labels: readonly string[]): Promise<string> {
    const [job] = await this.ann.lease({ labels, free: 1, holds: [], waitMs: 30_000 }, AbortSignal.timeout(60_000));
    if (job === undefined) throw new Error(`No job came that fits ${labels.join(", ")}.`);
    await this.ann.report(job.lease, 0, [
      { type: "step.started", step: 0, name: "once more", at: restarted },
      { type: "step.finished", step: 0, status: "success", allowed: false, exitCode: 0, at: restarted },
      { type: "job.finished", status: "success", outputs: {}, at: restarted },
    ]);
    return job.name;
  }
}

function answered({ url, status }: Response, wanted: number): void {
  if (status !== wanted) throw new Error(`${url} was answered with ${status}, not ${wanted}.`);
}

export function nameOf(run: Pick<Run, "repository" | "number">): string {
  return `${run.repository}#${run.number}`;
}

export const terminal = (run: Pick<Run, "status">): boolean => /^(success|failure|cancelled|skipped)$/.test(run.status);
