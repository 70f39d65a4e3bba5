import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Job, LogPage, Run, RunDetail, Schedules } from "../../src/model/index.ts";
import { httpChannel, type RunnerChannel } from "../../src/runner/index.ts";
import type { RunningServer } from "../../src/server/index.ts";
import { databases } from "../../src/store/testbed.ts";
import { readDatabase, restoreDataFolder, type StoredTokens } from "../support/data-folder.ts";
import { Place, client, endedRun, eventually, remote } from "./running-server.ts";

/** A minute after the kill, so that the schedule of each minute is due: artifacts of then have not expired. */
const restarted = Date.parse("2026-11-28T19:08:05Z");

/** What had ended before the kill: run, state, attempt, and its jobs. */
const ended = [
  [
    "shop#1 success 1",
    "Build success, check (lime) success, check (plum) success, check (fig, true) success, lint failure allowed, never skipped, report success",
  ],
  [
    "shop#2 success 1",
    "Build success, check (lime) success, check (plum) success, check (fig, true) success, lint failure allowed, never skipped, report success",
  ],
  ["shop#3 failure 3", "good success, bad failure, after skipped"],
  ["shop#4 success 1", "sweep success"],
  ["shop#5 cancelled 1", "hold cancelled, clean success"],
  ["mill#1 success 1", "bake (white) success, bake (brown) success, grind success"],
  ["weavers/loom#1 success 1", "Weave success"],
  ["weavers/loom#2 success 1", "Weave success"],
  ["broken#1 failure 1", "b success"],
];

/** A server on the restored folder, and who asks it. */
class Upgraded {
  readonly server: RunningServer;
  readonly tokens: StoredTokens;

  constructor(server: RunningServer, tokens: StoredTokens) {
    this.server = server;
    this.tokens = tokens;
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

function nameOf(run: Pick<Run, "repository" | "number">): string {
  return `${run.repository}#${run.number}`;
}

function jobsOf(run: RunDetail): string {
  return run.jobs.map((job) => `${job.name} ${job.status}${job.allowed ? " allowed" : ""}`).join(", ");
}

const terminal = (run: RunDetail): boolean => /^(success|failure|cancelled|skipped)$/.test(run.status);

/** Everything that one run shows is there: jobs, steps, logs, artifacts. */
async function readWhole(upgraded: Upgraded, run: RunDetail): Promise<void> {
  for (const job of [...run.jobs, ...run.earlier]) {
    expect((await upgraded.get<Job>(`/jobs/${job.id}`)).name).toBe(job.name);
    for (const step of job.steps) {
      const page = await upgraded.get<LogPage>(`/jobs/${job.id}/steps/${step.index}/log?first=1&count=1000`);
      expect([page.total, page.bytes]).toEqual([step.lines, step.bytes]);
      expect((await upgraded.raw(`/jobs/${job.id}/steps/${step.index}/log/raw`)).length).toBe(step.bytes);
    }
  }
  for (const artifact of run.artifacts)
    expect((await upgraded.raw(`/artifacts/${artifact.id}`)).length).toBe(artifact.bytes);
}

async function readsWhatHasEnded(upgraded: Upgraded): Promise<void> {
  for (const [run = "", jobs] of ended) {
    const [name = ""] = run.split(" ");
    const detail = await upgraded.run(name);
    expect([`${name} ${detail.status} ${detail.attempt}`, jobsOf(detail)]).toEqual([run, jobs]);
    await readWhole(upgraded, detail);
  }
  const first = await upgraded.run("shop#1");
  expect(first.workflows.map((each) => each.runName)).toEqual(["Check main by admin"]);
  expect(first.jobs[0]?.outputs).toEqual({ version: "1.4.2", cells: '["lime","plum"]' });
  expect(first.annotations.map((each) => `${each.level} ${each.file} ${each.line} ${each.message}`)).toEqual([
    "error undefined undefined it is untidy",
    "notice VERSION 1 It is 1.4.2",
    "warning shop.js 3 A fruit is not sold here",
  ]);
  expect(first.summaries.map((each) => each.markdown)).toEqual([expect.stringContaining("| lime | 3 |")]);
  expect(first.artifacts.map((each) => each.name)).toEqual(["dist"]);
  expect((await upgraded.run("shop#3")).earlier.map((job) => job.attempt)).toEqual([2, 2, 1, 1, 1]);
  expect((await upgraded.run("broken#1")).diagnostics.map((each) => each.code)).not.toEqual([]);
  const { repositories } = await upgraded.get<{ repositories: { name: string }[] }>("/repositories");
  expect(repositories.map((each) => each.name)).toEqual(["broken", "mill", "shop", "weavers/loom"]);
}

/** Entries that ann had reported of the deployment before the kill: two steps began, and the first ended. */
const reportedOfShip = 3;

/** The deployment that holds the group is in ann's hands still: its report is taken, and the two behind it follow. */
async function groupMovesOn(upgraded: Upgraded): Promise<void> {
  const holder = await upgraded.run("shop#6");
  const [ship] = holder.jobs;
  if (ship === undefined) throw new Error("The deployment has no job.");
  expect([ship.status, ship.runner]).toEqual(["running", "ann"]);
  const waiting = [await upgraded.run("shop#7"), await upgraded.run("shop#8")];
  expect([holder, ...waiting].map((run) => run.status)).toEqual(["running", "blocked", "blocked"]);
  await upgraded.ann.report({ job: ship.id, fence: 1 }, reportedOfShip, [
    { type: "step.finished", step: 1, status: "success", allowed: false, exitCode: 0, at: restarted },
    { type: "job.finished", status: "success", outputs: {}, at: restarted },
  ]);
  expect((await upgraded.once("shop#6", terminal)).status).toBe("success");
  for (const name of ["shop#7", "shop#8"]) {
    expect(await upgraded.work(["ann"])).toBe("ship");
    expect((await upgraded.once(name, terminal)).status).toBe("success");
  }
}

/** What no runner could take is taken when one comes; the group of its jobs lets one in after the other. */
async function queuedJobsAreTaken(upgraded: Upgraded): Promise<void> {
  for (let cell = 0; cell < 4; cell += 1) expect(await upgraded.work(["gpu"])).toMatch(/^tested \([abcd]\)$/);
  expect(jobsOf(await upgraded.once("shop#9", terminal))).toBe(
    "tested (a) success, tested (b) success, tested (c) success, tested (d) success, later success",
  );
}

/** Of the two jobs of the embedded runner, which died with the server, the one that asks for it is tried again. */
async function lostJobsEnd(upgraded: Upgraded): Promise<void> {
  const run = await upgraded.once("shop#10", terminal);
  expect([run.status, jobsOf(run)]).toEqual(["failure", "work success, lost lost, after success"]);
  expect(run.jobs.map((job) => job.attempt)).toEqual([2, 1, 1]);
}

/** The event that was accepted becomes a run, and so does the schedule that is due. */
async function newRunsStart(upgraded: Upgraded): Promise<void> {
  expect((await upgraded.once("mill#2", terminal)).status).toBe("success");
  const due = await eventually(async () =>
    (await upgraded.runs()).find((run) => run.event === "schedule" && run.number > 10 && run.status === "success"),
  );
  expect(due.repository).toBe("shop");
  const { schedules } = await upgraded.get<Schedules>("/schedules");
  expect(schedules.map((each) => `${each.repository} ${each.cron} ${each.timeZone}`).toSorted()).toEqual([
    "mill 0 5 * * 0 UTC",
    "shop * * * * * Europe/Berlin",
    "shop 30 2 * * 1 UTC",
    "weavers/loom 15 4 1 * * America/New_York",
  ]);
}

async function oldRunsRunAgain(upgraded: Upgraded): Promise<void> {
  await upgraded.post(`/runs/${(await upgraded.run("shop#3")).id}/rerun`, { mode: "failed" });
  const again = await upgraded.once("shop#3", (run) => run.attempt === 4 && terminal(run));
  expect(jobsOf(again)).toBe("good success, bad failure, after skipped");
  for (const name of ["mill#1", "weavers/loom#1", "broken#1"]) {
    const { id, status } = await upgraded.run(name);
    await upgraded.post(`/runs/${id}/rerun`, { mode: "all" });
    expect((await upgraded.once(name, (run) => run.attempt === 2 && terminal(run))).status).toBe(status);
  }
}

async function pushStartsRun(upgraded: Upgraded, place: Place): Promise<void> {
  const { server, tokens } = upgraded;
  const tree = join(place.folder, "tree");
  await place.git(place.folder, "clone", "--quiet", remote(server, "shop", tokens.admin), tree);
  const sha = await place.commit(tree, "Sell more", { "shop.js": "sell('plum');\n" });
  await place.git(tree, "push", "--quiet", "origin", "main");
  const run = await endedRun(server, tokens.viewer, sha);
  expect(run.status).toBe("success");
  // The cache of then is found.
  const [build] = run.jobs;
  expect((await upgraded.raw(`/jobs/${build?.id}/steps/2/log/raw`)).toString()).toMatch(/restored .*deps-/i);
}

describe.each(databases)("the data folder of a server 0.1.0 that was killed, on $name", ({ make }) => {
  it("is read whole, and what it was about goes on to its end", async () => {
    await using place = await Place.create();
    const database = await make();
    await using ending = new AsyncDisposableStack();
    ending.defer(database.drop);
    const tokens = await restoreDataFolder("0.1.0", place.folder, database.url);
    const since = performance.now();
    const server = await place.start(
      { database: database.url, runner: { capacity: 2, labels: ["host", "linux"] } },
      { now: () => restarted + Math.floor(performance.now() - since) },
    );
    ending.defer(() => server.close());
    const upgraded = new Upgraded(server, tokens);

    // First of all, before anybody takes ann for silent.
    await groupMovesOn(upgraded);
    await readsWhatHasEnded(upgraded);
    await queuedJobsAreTaken(upgraded);
    // What steps of then wait for.
    writeFileSync(join(place.folder, "gate"), "");
    await lostJobsEnd(upgraded);
    await newRunsStart(upgraded);
    await oldRunsRunAgain(upgraded);
    await pushStartsRun(upgraded, place);

    await server.close();
    // The message that was committed before the kill was delivered.
    expect(await readDatabase(database.url, "select action from audit where subject = 'shop#5'")).toEqual([
      { action: "run.finish" },
    ]);
  });
});
