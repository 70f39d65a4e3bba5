import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Job, LogPage, RunDetail, Schedules } from "../../src/model/index.ts";
import { databases } from "../../src/store/testbed.ts";
import { readDatabase } from "../support/data-folder.ts";
import { RestoredServer, restarted, terminal } from "./restored-server.ts";
import { Place, endedRun, eventually, remote } from "./running-server.ts";

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

function jobsOf(run: RunDetail): string {
  return run.jobs.map((job) => `${job.name} ${job.status}${job.allowed ? " allowed" : ""}`).join(", ");
}

/** Everything that one run shows is there: jobs, steps, logs, artifacts. */
async function readWhole(upgraded: RestoredServer, run: RunDetail): Promise<void> {
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

async function readsWhatHasEnded(upgraded: RestoredServer): Promise<void> {
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
async function groupMovesOn(upgraded: RestoredServer): Promise<void> {
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
async function queuedJobsAreTaken(upgraded: RestoredServer): Promise<void> {
  for (let cell = 0; cell < 4; cell += 1) expect(await upgraded.work(["gpu"])).toMatch(/^tested \([abcd]\)$/);
  expect(jobsOf(await upgraded.once("shop#9", terminal))).toBe(
    "tested (a) success, tested (b) success, tested (c) success, tested (d) success, later success",
  );
}

/** Of the two jobs of the embedded runner, which died with the server, the one that asks for it is tried again. */
async function lostJobsEnd(upgraded: RestoredServer): Promise<void> {
  const run = await upgraded.once("shop#10", terminal);
  expect([run.status, jobsOf(run)]).toEqual(["failure", "work success, lost lost, after success"]);
  expect(run.jobs.map((job) => job.attempt)).toEqual([2, 1, 1]);
}

/** The event that was accepted becomes a run, and so does the schedule that is due. */
async function newRunsStart(upgraded: RestoredServer): Promise<void> {
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

async function oldRunsRunAgain(upgraded: RestoredServer): Promise<void> {
  await upgraded.post(`/runs/${(await upgraded.run("shop#3")).id}/rerun`, { mode: "failed" });
  const again = await upgraded.once("shop#3", (run) => run.attempt === 4 && terminal(run));
  expect(jobsOf(again)).toBe("good success, bad failure, after skipped");
  for (const name of ["mill#1", "weavers/loom#1", "broken#1"]) {
    const { id, status } = await upgraded.run(name);
    await upgraded.post(`/runs/${id}/rerun`, { mode: "all" });
    expect((await upgraded.once(name, (run) => run.attempt === 2 && terminal(run))).status).toBe(status);
  }
}

async function pushStartsRun(upgraded: RestoredServer, place: Place): Promise<void> {
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
    const upgraded = await RestoredServer.start(place, database.url, "0.1.0");
    ending.defer(() => upgraded.server.close());

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

    await upgraded.server.close();
    // The message that was committed before the kill was delivered.
    expect(await readDatabase(database.url, "select action from audit where subject = 'shop#5'")).toEqual([
      { action: "run.finish" },
    ]);
  });
});
