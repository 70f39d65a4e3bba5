import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { reportSchema, type LiveEvent } from "../../src/model/index.ts";
import { Bed } from "./control-bed.ts";

let bed: Bed;
beforeEach(async () => {
  bed = await Bed.open();
});
afterEach(async () => {
  await bed[Symbol.asyncDispose]();
});

const two = `
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: make
      - name: Test it
        run: make test
  deploy:
    needs: build
    runs-on: ubuntu-latest
    steps:
      - run: make deploy
`;

const one = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo hello\n";

describe("from an event to a finished run", () => {
  it("makes a run, hands its jobs out in the order of needs, and ends it", async () => {
    const runner = await bed.runner();
    const id = await bed.push(two);
    expect(await bed.control.run(id)).toMatchObject({
      status: "pending",
      number: 1,
      title: "Add a thing",
      author: "Ann",
      sender: "ann",
      waitsFor: "a runner with label ubuntu-latest; 1st in the queue",
    });
    const build = await runner.take();
    expect(build).toMatchObject({
      key: ".github/workflows/ci.yml/build",
      name: "build",
      repository: "demo",
      run: { id, number: 1, attempt: 1, url: `http://localhost/runs/${id}` },
      contexts: { needs: {}, matrix: null },
      timeoutMinutes: 360,
      source: { kind: "git", ref: "refs/heads/main" },
    });
    expect("jobs" in build.plan).toBe(false);
    expect(await runner.lease()).toEqual([]);
    await runner.finish(build, "success", { version: "7" });
    const deploy = await runner.take();
    expect(deploy.contexts["needs"]).toEqual({ build: { result: "success", outputs: { version: "7" } } });
    await runner.finish(deploy);
    await bed.control.idle();
    const detail = await bed.control.run(id);
    expect(detail.status).toBe("success");
    expect(
      detail.jobs.map((job) => [
        job.name,
        job.status,
        job.runner,
        job.steps.map((step) => [step.name, step.status, step.lines]),
      ]),
    ).toEqual([
      [
        "build",
        "success",
        "r",
        [
          ["__1", "success", 1],
          ["__2", "success", 1],
        ].map(([, status, lines], index) => [build.job.steps[index]?.id, status, lines]),
      ],
      ["deploy", "success", "r", [[deploy.job.steps[0]?.id, "success", 1]]],
    ]);
    expect(detail.startedAt).toBeDefined();
    expect(detail.finishedAt).toBeDefined();
  });

  it("wakes a waiting lease the moment a job is queued, and only one runner gets it", async () => {
    const runners = [await bed.runner("a"), await bed.runner("b"), await bed.runner("c", ["macos"])];
    const stop = new AbortController();
    const waiting = runners.map((runner) => runner.lease({ waitMs: 20_000 }, stop.signal));
    await bed.push(one);
    // One that is not woken has nothing when its time is over.
    expect(await waiting[0]).toHaveLength(1);
    stop.abort();
    expect(await Promise.all(waiting.slice(1))).toEqual([[], []]);
  });

  it("hands every job to one runner, once, however many ask and push at the same time", async () => {
    const runners = await Promise.all(Array.from({ length: 4 }, (_, index) => bed.runner(`r${index}`)));
    bed.files = [
      {
        path: ".github/workflows/ci.yml",
        text: `${one}    strategy: { max-parallel: 2, matrix: { v: [1, 2, 3, 4, 5] } }\n`,
      },
    ];
    const stop = new AbortController();
    const taken: string[] = [];
    const working = runners.map(async (runner) => {
      while (!stop.signal.aborted) {
        for (const assignment of await runner.lease({ waitMs: 20_000, free: 2 }, stop.signal)) {
          taken.push(assignment.lease.job);
          await runner.finish(assignment);
        }
      }
    });
    const events = Array.from({ length: 8 }, () => bed.event());
    await Promise.all(events.map((event) => bed.control.accept(event, bed.repository.id, event.sha)));
    await expect
      .poll(async () => (await bed.control.runs({ limit: 20 })).filter((run) => run.status === "success").length)
      .toBe(8);
    stop.abort();
    await Promise.all(working);
    expect(taken).toHaveLength(40);
    expect(new Set(taken).size).toBe(40);
  });

  it("starts nothing for an event known already, nor for one that no workflow wants", async () => {
    bed.files = [{ path: ".github/workflows/ci.yml", text: one }];
    const event = bed.event();
    expect(await bed.control.accept(event, bed.repository.id, "k")).toMatchObject({ fresh: true });
    expect(await bed.control.accept(event, bed.repository.id, "k")).toMatchObject({ fresh: false });
    await bed.control.accept(bed.event({ kind: "release" }), bed.repository.id, "other");
    await bed.control.idle();
    expect(await bed.control.runs({ limit: 10 })).toHaveLength(1);
    expect(await bed.store.messages.count()).toBe(0);
  });

  it("tries an event again when its files could not be read, and lets the next one wait for it", async () => {
    const files = [{ path: ".github/workflows/ci.yml", text: one }];
    let failures = 1;
    await bed.restart({
      files: async () => {
        failures -= 1;
        if (failures >= 0) throw new Error("git is busy");
        return files;
      },
    });
    const events = [bed.event(), bed.event()];
    for (const event of events) await bed.control.accept(event, bed.repository.id, event.sha);
    const found = async () => (await bed.control.runs({ limit: 5 })).map((run) => [run.number, run.sha]);
    await expect.poll(found).toEqual([
      [2, events[1]?.sha],
      [1, events[0]?.sha],
    ]);
  });

  it("resumes events that were accepted before a stop, and drops those of a removed ref", async () => {
    bed.files = [{ path: ".github/workflows/ci.yml", text: one }];
    // Nothing is delivered any more: the process ends between the answer and the run.
    bed.store.messages.deliverable = () => new Promise(() => {});
    for (const event of [bed.event(), bed.event({ sha: "0".repeat(40) })])
      await bed.control.accept(event, bed.repository.id, event.sha);
    await bed.abandon();
    await bed.control.idle();
    expect(await bed.outcomes()).toEqual(["1 pending"]);
    expect(await bed.store.messages.count()).toBe(0);
  });

  it("tells what each workflow calls its part of the run, and finds runs by it", async () => {
    bed.files = [
      {
        path: ".github/workflows/deploy.yml",
        text: one.replace(
          "on: push",
          "name: Deploy\nrun-name: Roll out ${{ github.ref_name }} for @${{ github.actor }}\non: push",
        ),
      },
      { path: ".github/workflows/plain.yml", text: one },
      { path: ".sluice/native.yml", text: "triggers: [push]\nsteps: [{ type: run_command, command: 'true' }]\n" },
    ];
    await bed.control.accept(bed.event(), bed.repository.id, "named");
    await bed.control.idle();
    const [run] = await bed.control.runs({ limit: 1, text: "roll out main" });
    expect(run?.workflows.map(({ name, runName }) => [name, runName])).toEqual([
      ["Deploy", "Roll out main for @ann"],
      [".github/workflows/plain.yml", run?.title],
      [expect.anything(), undefined],
    ]);
  });

  it("shows a file that cannot be compiled as a failed run with its diagnostics, and runs the others", async () => {
    bed.files = [{ path: ".github/workflows/bad.yml", text: "on: push\njobs: [" }];
    await bed.control.accept(bed.event(), bed.repository.id, "bad");
    await bed.control.idle();
    const [bad] = await bed.control.runs({ limit: 1 });
    expect(bad).toMatchObject({
      status: "failure",
      workflows: [{ workflow: ".github/workflows/bad.yml", status: "failure" }],
    });
    expect((await bed.control.run(bad?.id ?? "")).diagnostics[0]).toMatchObject({
      file: ".github/workflows/bad.yml",
      severity: "error",
    });

    bed.files = [...bed.files, { path: ".github/workflows/good.yml", text: one }];
    await bed.control.accept(bed.event(), bed.repository.id, "both");
    await bed.control.idle();
    const runner = await bed.runner();
    expect(await runner.work()).toEqual(["a"]);
    const [both] = await bed.control.runs({ limit: 1 });
    expect(both).toMatchObject({ number: 2, status: "failure" });
    expect(both?.workflows.map((each) => each.status)).toEqual(["success", "failure"]);
  });

  it("numbers runs in the order of their events and tells everything live", async () => {
    const heard: LiveEvent[] = [];
    bed.control.live.subscribe(undefined, (message) => heard.push(message.event));
    bed.files = [{ path: ".github/workflows/ci.yml", text: one }];
    const events = Array.from({ length: 5 }, () => bed.event());
    for (const event of events) await bed.control.accept(event, bed.repository.id, event.sha);
    await bed.control.idle();
    const runs = (await bed.control.runs({ limit: 10 })).toReversed();
    expect(runs.map((run) => [run.number, run.sha])).toEqual(events.map((event, index) => [index + 1, event.sha]));
    const runner = await bed.runner();
    await runner.work();
    const first = heard
      .filter((event) => "run" in event && event.run === runs[0]?.id && event.type !== "log")
      .map((event) => ("status" in event ? `${event.type} ${event.status}` : event.type));
    expect(first).toEqual([
      "run pending",
      "job queued",
      "run running",
      "job running",
      // It begins.
      "job",
      "step running",
      "step success",
      "run success",
      "job success",
    ]);
  });
});

describe("a matrix", () => {
  it("keeps one row for each cell, the first in the place of the entry that waited", async () => {
    const id = await bed.push(`
on: push
jobs:
  plan:
    runs-on: ubuntu-latest
    steps: [{ run: "true" }]
    outputs: { list: x }
  test:
    needs: plan
    runs-on: ubuntu-latest
    strategy: { matrix: { v: "\${{ fromJSON(needs.plan.outputs.list) }}" } }
    steps: [{ run: "true" }]
`);
    const waiting = (await bed.control.run(id)).jobs.find((job) => job.job === "test");
    expect(waiting).toMatchObject({ status: "waiting", waitsFor: "job plan" });
    const runner = await bed.runner();
    await runner.finish(await runner.take(), "success", { list: "[1,2,3]" });
    const detail = await bed.control.run(id);
    expect(detail.jobs.map((job) => job.name)).toEqual(["plan", "test (1)", "test (2)", "test (3)"]);
    expect(detail.jobs[1]?.id).toBe(waiting?.id);
    expect(detail.earlier).toEqual([]);
    expect((await bed.control.now()).queuedJobs).toBe(3);
    expect(detail.jobs[3]?.waitsFor).toBe("a runner with label ubuntu-latest; 3rd in the queue");
    await runner.work();
    expect((await bed.control.run(id)).status).toBe("success");
  });
});

describe("leases", () => {
  it("refuses calls of other runners, of old numbers, and after the end", async () => {
    const [runner, other] = [await bed.runner("a"), await bed.runner("b")];
    await bed.push(one);
    const { lease } = await runner.take();
    const stale = { code: "lease-stale" };
    const signal = AbortSignal.timeout(60_000);
    await expect(other.channel.report(lease, 0, [])).rejects.toMatchObject(stale);
    await expect(other.channel.heartbeat(lease, signal)).rejects.toMatchObject(stale);
    await expect(other.channel.log(lease, 0, 0, Buffer.from("x"))).rejects.toMatchObject(stale);
    await expect(other.channel.listArtifacts(lease)).rejects.toMatchObject(stale);
    await expect(bed.control.channelFor("").report(lease, 0, [])).rejects.toMatchObject(stale);
    await expect(
      bed.control.channelFor("").lease({ labels: [], free: 1, holds: [], waitMs: 0 }, signal),
    ).rejects.toMatchObject({ code: "forbidden" });
    await expect(
      runner.channel.log({ ...lease, fence: lease.fence + 1 }, 0, 0, Buffer.from("x")),
    ).rejects.toMatchObject(stale);
    await runner.report(lease, { type: "job.finished", status: "success", outputs: {}, at: 1 });
    await expect(runner.channel.log(lease, 0, 0, Buffer.from("x"))).rejects.toMatchObject(stale);
    await expect(runner.report(lease, { type: "summary", step: 0, markdown: "late" })).rejects.toMatchObject(stale);
  });

  it("takes a repeated report once, also when the job ended with it, and refuses a gap", async () => {
    const runner = await bed.runner();
    const id = await bed.push(one);
    const { lease } = await runner.take();
    const entries = [
      { type: "step.started", step: 0, name: "hello", at: 1000 },
      { type: "annotation", step: 0, annotation: { level: "error", message: "no" } },
    ] as const;
    await runner.channel.report(lease, 0, entries);
    await runner.channel.report(lease, 0, entries);
    await expect(runner.channel.report(lease, 5, entries)).rejects.toMatchObject({ code: "conflict" });
    const end = [
      entries[1],
      { type: "job.finished", status: "failure", outputs: {}, reason: "why not", at: 2000 },
    ] as const;
    await runner.channel.report(lease, 1, end);
    await runner.channel.report(lease, 1, end);
    const detail = await bed.control.run(id);
    expect(detail.annotations).toEqual([{ level: "error", message: "no", job: lease.job, step: 0 }]);
    expect(detail.jobs[0]).toMatchObject({
      status: "failure",
      reason: "why not",
      startedAt: new Date(1000).toISOString(),
    });
  });

  it("hands a job out again whose assignment was lost on its way, and not once it was heard of", async () => {
    const runner = await bed.runner();
    await bed.push(one);
    const first = await runner.take();
    expect((await runner.lease({ holds: [] })).map((each) => each.lease)).toEqual([first.lease]);
    expect(await runner.lease()).toEqual([]);
    await runner.report(first.lease, { type: "step.started", step: 0, name: "x", at: 1 });
    expect(await runner.lease({ holds: [] })).toEqual([]);
  });

  it("answers a heartbeat at once when the job is cancelled, and then waits again", async () => {
    const runner = await bed.runner();
    const id = await bed.push(two);
    const { lease } = await runner.take();
    await runner.report(lease, { type: "step.started", step: 0, name: "x", at: 1 });
    const beat = runner.channel.heartbeat(lease, AbortSignal.timeout(60_000));
    await bed.control.cancelRun(id, "ann");
    // One that is not woken is answered with what was known when it came.
    expect(await beat).toEqual({ cancel: true });
    const stop = new AbortController();
    const second = runner.channel.heartbeat(lease, stop.signal);
    expect(await Promise.race([second, bed.control.run(id).then(() => "waits")])).toBe("waits");
    stop.abort();
    expect(await second).toEqual({ cancel: true });
    await runner.report(lease, { type: "job.finished", status: "cancelled", outputs: {}, at: 3 });
    const detail = await bed.control.run(id);
    expect(detail).toMatchObject({ status: "cancelled" });
    expect(detail.jobs.map((job) => [job.status, job.reason])).toEqual([
      ["cancelled", "cancelled by ann"],
      ["cancelled", "cancelled by ann"],
    ]);
    await expect(bed.control.cancelRun(id, "again")).rejects.toMatchObject({ code: "conflict" });
  });

  it("tells the runner of a cancel that came between the taking and the first report", async () => {
    const runner = await bed.runner();
    const id = await bed.push(one);
    const { lease } = await runner.take();
    await bed.control.cancelRun(id, "ann");
    expect(await runner.channel.heartbeat(lease, AbortSignal.timeout(60_000))).toEqual({ cancel: true });
    await runner.report(lease, { type: "job.finished", status: "cancelled", outputs: {}, at: 3 });
    expect((await bed.control.run(id)).status).toBe("cancelled");
  });
});

describe("what a runner says", () => {
  it("is cut to sizes that the page can show, however much it is", async () => {
    const id = await bed.push(one);
    const runner = await bed.runner();
    const { lease } = await runner.take();
    const long = "x".repeat(100_000);
    await runner.report(lease, { type: "step.started", step: 0, name: long, at: 1 });
    await runner.report(lease, { type: "step.added", step: 7, id: long, name: long });
    await runner.report(lease, {
      type: "annotation",
      step: 0,
      annotation: { level: "error", message: long, title: long, file: long },
    });
    // The newest summary of a step is shown, but all are kept.
    for (let number = 0; number < 30; number += 1)
      await runner.report(lease, { type: "summary", step: 0, markdown: `${number} ${"s".repeat(1024 * 1024 - 3)}` });
    await runner.report(lease, {
      type: "step.finished",
      step: 0,
      status: "failure",
      allowed: false,
      reason: long,
      at: 2,
    });
    await runner.report(lease, { type: "job.finished", status: "failure", outputs: {}, reason: long, at: 3 });
    const run = await bed.control.run(id);
    expect(run.jobs[0]?.steps.map((step) => step.name.length)).toEqual([1000, 1000]);
    expect(run.annotations.map(({ message, title, file }) => [message.length, title?.length, file?.length])).toEqual([
      [16_384, 1000, 1000],
    ]);
    expect((await bed.store.runs.summaries(id, { rows: 100, bytes: Infinity })).rows).toHaveLength(20);
    expect(JSON.stringify({ ...run, summaries: [] }).length).toBeLessThan(100_000);
  });

  it("is shown as far as one answer can hold it, the newest of it, and what is left out is told", async () => {
    const id = await bed.push(one.replace("    steps", "    strategy: {matrix: {n: [1, 2, 3]}}\n    steps"));
    const runner = await bed.runner();
    for (let job = 0; job < 3; job += 1) {
      const { lease } = await runner.take();
      for (let step = 0; step < 9; step += 1)
        await runner.report(lease, { type: "summary", step, markdown: `${job} ${"s".repeat(1024 * 1024 - 2)}` });
      const annotations = Array.from(
        { length: 100 },
        () =>
          ({
            type: "annotation",
            step: 0,
            annotation: { level: "error", message: `${job} ${"\u0001".repeat(16_000)}` },
          }) as const,
      );
      await runner.report(lease, ...annotations);
      await runner.report(lease, { type: "job.finished", status: "success", outputs: {}, at: 3 });
    }
    const run = await bed.control.run(id);
    expect(run.leftOut).toEqual({ annotations: true, summaries: true });
    expect(run.summaries.map(({ markdown }) => markdown[0]).join("")).toBe("00" + "1".repeat(9) + "2".repeat(9));
    expect(run.annotations.at(-1)?.message[0]).toBe("2");
    expect(JSON.stringify(run).length).toBeLessThan(26 * 1024 * 1024);
  });

  it("has times that are dates", () => {
    for (const at of [-1, 253_402_300_800_000, Number.MAX_SAFE_INTEGER]) {
      expect(reportSchema.safeParse({ type: "step.started", step: 0, name: "n", at }).success).toBe(false);
      expect(reportSchema.safeParse({ type: "job.finished", status: "success", outputs: {}, at }).success).toBe(false);
    }
    expect(reportSchema.safeParse({ type: "step.started", step: 0, name: "n", at: Date.now() }).success).toBe(true);
  });
});

describe("running again", () => {
  it("runs failed jobs again as new attempts and keeps the earlier ones", async () => {
    const runner = await bed.runner();
    const id = await bed.push(two);
    await expect(bed.control.rerun(id, "failed", "ann")).rejects.toMatchObject({ code: "conflict" });
    await runner.work(() => "failure");
    expect((await bed.control.run(id)).jobs.map((job) => job.status)).toEqual(["failure", "skipped"]);
    await bed.control.rerun(id, "failed", "ann");
    const again = await runner.take();
    expect(again.run.attempt).toBe(2);
    expect((again.plan.contexts["github"] as { run_attempt?: string }).run_attempt).toBe("2");
    await runner.finish(again);
    await runner.work();
    const detail = await bed.control.run(id);
    expect(detail).toMatchObject({ status: "success", attempt: 2 });
    expect(detail.jobs.map((job) => [job.name, job.attempt, job.status])).toEqual([
      ["build", 2, "success"],
      ["deploy", 2, "success"],
    ]);
    expect(detail.earlier.map((job) => [job.name, job.attempt, job.status])).toEqual(
      expect.arrayContaining([
        ["build", 1, "failure"],
        ["deploy", 1, "skipped"],
      ]),
    );
    await bed.control.rerun(id, "all", "ann");
    await runner.work();
    expect(await bed.control.run(id)).toMatchObject({ status: "success", attempt: 3 });
  });
});

describe("a job whose failure does not count", () => {
  it("is told from one whose failure does", async () => {
    const runner = await bed.runner();
    const id = await bed.push(`${one}    continue-on-error: true\n`);
    await runner.finish(await runner.take(), "failure");
    const run = await bed.control.run(id);
    expect([run.status, run.jobs.map((job) => [job.status, job.allowed])]).toEqual(["success", [["failure", true]]]);
  });
});

function grouped(cancel: boolean): string {
  return `${one}concurrency: { group: deploy, cancel-in-progress: ${cancel} }\n`;
}

describe("concurrency groups", () => {
  it("lets one run after the other in, first come first served", async () => {
    const runner = await bed.runner();
    const ids = [await bed.push(grouped(false)), await bed.push(grouped(false)), await bed.push(grouped(false))];
    const statuses = async (): Promise<readonly string[]> =>
      Promise.all(ids.map(async (id) => (await bed.control.run(id)).status));
    expect(await statuses()).toEqual(["pending", "blocked", "blocked"]);
    const wait = { for: "group", group: "deploy", heldBy: [{ id: ids[0], number: 1, title: "Add a thing" }], place: 1 };
    const second = await bed.control.run(ids[1] ?? "");
    expect(second).toMatchObject({
      waitsFor: "concurrency group deploy, held by run 1; 1st in the queue",
      wait,
    });
    expect(second.jobs[0]).toMatchObject({
      waitsFor: "concurrency group deploy, held by run 1; 1st in the queue",
      wait,
    });
    expect(
      (await bed.control.now()).waiting.map((run) => (run.wait?.for === "group" ? run.wait.place : undefined)),
    ).toEqual([2, 1, undefined]);
    await runner.finish(await runner.take());
    await bed.control.idle();
    expect(await statuses()).toEqual(["success", "pending", "blocked"]);
    await runner.work();
    expect(await statuses()).toEqual(["success", "success", "success"]);
    expect(await bed.store.groups.list()).toEqual([]);
  });

  it("stops the run in progress for a newer one that says so", async () => {
    const runner = await bed.runner();
    const first = await bed.push(grouped(true));
    const { lease } = await runner.take();
    await runner.report(lease, { type: "step.started", step: 0, name: "x", at: 1 });
    const second = await bed.push(grouped(true));
    expect(await runner.channel.heartbeat(lease, AbortSignal.timeout(60_000))).toEqual({ cancel: true });
    expect((await bed.control.run(second)).status).toBe("blocked");
    await runner.report(lease, { type: "job.finished", status: "cancelled", outputs: {}, at: 2 });
    await bed.control.idle();
    expect((await bed.control.run(first)).status).toBe("cancelled");
    await runner.work();
    expect((await bed.control.run(second)).status).toBe("success");
  });
});

describe("the audit log", () => {
  it("has an entry of each act, written with it: cancels and re-runs by their names, the end of a run", async () => {
    const runner = await bed.runner();
    const id = await bed.push(two);
    await bed.control.cancelJob((await bed.control.run(id)).jobs[0]?.id ?? "", "ann");
    await bed.control.idle();
    await bed.control.rerun(id, "failed", "bob");
    await runner.take();
    await bed.control.cancelRun(id, "eve");
    await expect(bed.control.rerun(id, "all", "eve")).rejects.toMatchObject({ code: "conflict" });
    const entries = (await bed.store.audit.list({ limit: 9 })).toReversed();
    expect(entries.map(({ actor, action, subject }) => [actor, action, subject])).toEqual([
      ["ann", "job.cancel", "demo#1"],
      ["sluice", "run.finish", "demo#1"],
      ["bob", "run.rerun", "demo#1"],
      ["eve", "run.cancel", "demo#1"],
    ]);
    expect(entries[2]?.detail).toEqual({ run: id, mode: "failed", attempt: 2 });
  });

  it("has none of an act that did not happen, because it could not be stored", async () => {
    const id = await bed.push(one);
    const database = new DatabaseSync(join(bed.folder, "sluice.db"));
    database.exec("create trigger full before insert on audit begin select raise(abort, 'the disk is full'); end");
    await expect(bed.control.cancelRun(id, "ann")).rejects.toThrow("the disk is full");
    expect((await bed.control.run(id)).status).toBe("pending");
    database.exec("drop trigger full");
    database.close();
    await bed.control.cancelRun(id, "ann");
    expect((await bed.control.run(id)).status).toBe("cancelled");
  });
});
