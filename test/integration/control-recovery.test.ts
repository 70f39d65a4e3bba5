import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SluiceError } from "../../src/model/index.ts";
import { readGroups } from "../../src/transition/index.ts";
import type { ControlOptions } from "../../src/server/control/index.ts";
import { Bed, type BedOptions } from "./control-bed.ts";

/** The clock of the reaper, moved by the tests; looks come as fast as the machine allows. */
let elapsed = 0;
const clock: Partial<ControlOptions> = { monotonic: () => elapsed };

let bed: Bed;
beforeEach(async () => {
  elapsed = 0;
  bed = await Bed.open(clock);
});
afterEach(async () => {
  await bed[Symbol.asyncDispose]();
});

const one = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo hello\n";
const two = `${one}  b:\n    needs: a\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo bye\n`;

/** Moves the clock on in the steps in which the reaper looks. */
async function pass(seconds: number, between: () => Promise<unknown> = async () => undefined): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    elapsed += 1000;
    await bed.control.check();
    await between();
  }
}

describe("silent runners", () => {
  it("loses the job of a runner within 30 s, with its open steps, and fails the run", async () => {
    const runner = await bed.runner();
    const id = await bed.push(two);
    const { lease } = await runner.take();
    await runner.report(lease, { type: "step.started", step: 0, name: "x", at: 1 });
    await pass(27);
    expect((await bed.control.run(id)).status).toBe("running");
    await pass(3);
    const detail = await bed.control.run(id);
    expect(detail.status).toBe("failure");
    expect(detail.jobs.map((job) => [job.name, job.status, job.reason])).toEqual([
      ["a", "lost", "its runner was silent for 27 s"],
      ["b", "skipped", "needed jobs did not succeed: a (lost)"],
    ]);
    expect(detail.jobs[0]?.steps.map((step) => step.status)).toEqual(["cancelled"]);
    await expect(
      runner.report(lease, { type: "job.finished", status: "success", outputs: {}, at: 2 }),
    ).rejects.toMatchObject({ code: "lease-stale" });
  });

  it("keeps a job while its runner sends heartbeats", async () => {
    const runner = await bed.runner();
    const id = await bed.push(one);
    const { lease } = await runner.take();
    const stop = AbortSignal.abort();
    let beats = 0;
    await pass(90, async () => {
      beats += 1;
      if (beats % 5 === 0) await runner.channel.heartbeat(lease, stop);
    });
    await runner.report(lease, { type: "job.finished", status: "success", outputs: {}, at: 2 });
    expect((await bed.control.run(id)).status).toBe("success");
  });

  it("keeps a job whose runner beats while the beats cannot be written, because the disk is full", async () => {
    const runner = await bed.runner();
    const id = await bed.push(one);
    const { lease } = await runner.take();
    const beat = (): Promise<unknown> => runner.channel.heartbeat(lease, AbortSignal.abort());
    await beat();
    const database = new DatabaseSync(join(bed.folder, "sluice.db"));
    database.exec(
      "create trigger full before update of heartbeat_at on job begin select raise(abort, 'the disk is full'); end",
    );
    for (let beats = 0; beats < 12; beats += 1) {
      await pass(5);
      await expect(beat()).rejects.toThrow("the disk is full");
    }
    database.exec("drop trigger full");
    database.close();
    // There is space again, and the next beat is not due yet.
    await pass(4);
    await beat();
    await runner.report(lease, { type: "job.finished", status: "success", outputs: {}, at: 2 });
    expect((await bed.control.run(id)).status).toBe("success");
  });

  it("loses nobody at once after the machine slept", async () => {
    const runner = await bed.runner();
    const id = await bed.push(one);
    const { lease } = await runner.take();
    await pass(3);
    elapsed += 3_600_000;
    await pass(20);
    await runner.report(lease, { type: "job.finished", status: "success", outputs: {}, at: 2 });
    expect((await bed.control.run(id)).status).toBe("success");
  });

  it("gives a lost job to another runner when its plan says so, and fences the first one off", async () => {
    bed.files = [{ path: ".sluice/ci.yaml", text: "" }];
    const [first, second] = [await bed.runner("first"), await bed.runner("second")];
    const compileAll: BedOptions["compileAll"] = async (files, context) =>
      bed
        .compile(files, context)
        .map((each) =>
          each.plan === undefined
            ? each
            : { ...each, plan: { ...each.plan, jobs: each.plan.jobs.map((job) => ({ ...job, retryLost: 1 })) } },
        );
    await bed.restart({ ...clock, compileAll });
    const id = await bed.push(one);
    const paused = await first.take();
    await first.report(paused.lease, { type: "step.started", step: 0, name: "x", at: 1 });
    await pass(30);
    const again = await second.take();
    expect(again.lease.job).not.toBe(paused.lease.job);
    await expect(first.channel.log(paused.lease, 0, 0, Buffer.from("late"))).rejects.toMatchObject({
      code: "lease-stale",
    });
    await second.finish(again);
    const detail = await bed.control.run(id);
    expect(detail.status).toBe("success");
    expect(detail.jobs.map((job) => [job.attempt, job.status])).toEqual([[2, "success"]]);
    expect(detail.earlier.map((job) => [job.attempt, job.status])).toEqual([[1, "lost"]]);
  });
});

describe("a runner that exited", () => {
  it("has its logs closed, also one whose first bytes the server was still storing", async () => {
    const runner = await bed.runner();
    const id = await bed.push(one);
    const { lease } = await runner.take();
    await runner.channel.begin(lease);
    const append = bed.logs.append.bind(bed.logs);
    const [reached, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    bed.logs.append = async (...of) => {
      reached.resolve();
      await go.promise;
      return append(...of);
    };
    const writing = runner.channel.log(lease, 0, 0, Buffer.from("hello\n"));
    await reached.promise;
    await bed.control.releaseRunner(runner.id, "it exited");
    const [job] = (await bed.control.run(id)).jobs;
    expect(job?.status).toBe("lost");
    // What the loss calls for gets every chance to come before the bytes.
    for (let turn = 0; turn < 500; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    go.resolve();
    await writing;
    await bed.control.idle();
    expect(await bed.logs.read(lease.job, 0, 1, 5)).toMatchObject({ lines: ["hello"], closed: true });
  });
});

describe("a restart of the server", () => {
  it("leaves the job with a runner of another process, which goes on", async () => {
    const runner = await bed.runner();
    const id = await bed.push(two);
    const a = await runner.take();
    await runner.report(a.lease, { type: "step.started", step: 0, name: "x", at: 1 });
    await runner.channel.log(a.lease, 0, 0, Buffer.from("before\n"));
    await bed.restart(clock);
    await pass(20);
    expect(await runner.channel.log(a.lease, 0, 7, Buffer.from("after\n"))).toEqual({ length: 13 });
    await runner.report(
      a.lease,
      { type: "step.finished", step: 0, status: "success", allowed: false, exitCode: 0, at: 2 },
      { type: "job.finished", status: "success", outputs: {}, at: 2 },
    );
    expect(await runner.work()).toEqual(["b"]);
    expect((await bed.control.run(id)).status).toBe("success");
    expect((await bed.logs.read(a.lease.job, 0, 1, 10)).lines).toEqual(["before", "after"]);
  });

  it("loses jobs that its runner had begun, though nothing was reported, and queues the others again", async () => {
    const runner = await bed.runner();
    const [begun, fresh] = [await bed.push(one), await bed.push(one)];
    const { lease } = await runner.take();
    await runner.channel.begin(lease);
    await runner.take();
    await bed.restart(clock);
    await bed.control.releaseRunner(runner.id);
    expect((await bed.control.run(begun)).jobs[0]).toMatchObject({
      status: "lost",
      reason: "the server stopped while the job ran",
    });
    expect((await bed.control.run(fresh)).jobs[0]).toMatchObject({ status: "queued" });
    const successor = await bed.runner("successor");
    await successor.work();
    expect(await bed.outcomes()).toEqual(["1 failure", "2 success"]);
  });

  it("hands a job out again under its lease when the answer was lost with the server", async () => {
    const runner = await bed.runner();
    const id = await bed.push(one);
    // The runner never hears of it: it holds nothing when it asks the next server.
    const [lost] = await runner.channel.lease(
      { labels: ["ubuntu-latest"], free: 1, holds: [], waitMs: 0 },
      AbortSignal.timeout(60_000),
    );
    await bed.restart(clock);
    const again = await runner.take();
    expect(again.lease).toEqual(lost?.lease);
    await runner.finish(again);
    expect((await bed.control.run(id)).status).toBe("success");
    expect((await bed.control.run(id)).earlier).toEqual([]);
  });

  it("queues a job again, in its place, when its runner never comes back to begin it", async () => {
    const runner = await bed.runner();
    const [first, second] = [await bed.push(one), await bed.push(one)];
    const taken = await runner.take();
    await pass(30);
    expect((await bed.control.run(first)).jobs[0]).toMatchObject({ status: "queued", attempt: 1 });
    expect((await bed.control.run(first)).startedAt).toBeDefined();
    const other = await bed.runner("other");
    const again = await other.take();
    expect([again.lease.job, again.lease.fence]).toEqual([taken.lease.job, taken.lease.fence + 1]);
    // Too late: it is another's by now.
    await expect(runner.channel.begin(taken.lease)).rejects.toMatchObject({ code: "lease-stale" });
    await other.finish(again);
    await other.work();
    expect((await bed.control.run(second)).status).toBe("success");
    expect(await bed.outcomes()).toEqual(["1 success", "2 success"]);
  });

  it("shows that a step ran whose output is stored, though its start never was, and closes its log", async () => {
    const runner = await bed.runner();
    const id = await bed.push(one);
    const { lease } = await runner.take();
    await runner.channel.log(lease, 0, 0, Buffer.from("hello\n"));
    await bed.restart(clock);
    await bed.control.releaseRunner(runner.id);
    await bed.control.idle();
    const [job] = (await bed.control.run(id)).jobs;
    expect(job).toMatchObject({ status: "lost" });
    expect(job?.steps).toMatchObject([{ name: "Run echo hello", status: "cancelled", lines: 1, bytes: 6 }]);
    expect(await bed.logs.read(lease.job, 0, 1, 10)).toMatchObject({ closed: true, lines: ["hello"] });
  });

  it("closes the logs of steps whose end was stored before the stop", async () => {
    const runner = await bed.runner();
    await bed.push(one);
    const { lease } = await runner.take();
    await runner.report(lease, { type: "step.started", step: 0, name: "x", at: 1 });
    await runner.channel.log(lease, 0, 0, Buffer.from("hello\n"));
    bed.store.messages.deliverable = () => new Promise(() => {});
    const end = { type: "step.finished", step: 0, status: "success", allowed: false, exitCode: 0, at: 2 } as const;
    await runner.report(lease, end);
    expect((await bed.logs.read(lease.job, 0, 1, 10)).closed).toBe(false);
    await bed.abandon(clock);
    await bed.control.idle();
    expect(await bed.logs.read(lease.job, 0, 1, 10)).toMatchObject({ closed: true, lines: ["hello"] });
  });

  it("tells the runner of a cancel that came between its taking the job and the restart", async () => {
    const runner = await bed.runner();
    const id = await bed.push(one);
    const { lease } = await runner.take();
    await bed.restart(clock);
    await bed.control.cancelRun(id, "ann");
    expect(await runner.channel.heartbeat(lease, AbortSignal.timeout(60_000))).toEqual({ cancel: true });
  });

  it("lets runs that wait for a group in, when those before them ended unheard", async () => {
    const grouped = `${one}concurrency: deploy\n`;
    const runner = await bed.runner();
    await bed.push(grouped);
    await bed.push(grouped);
    const { lease } = await runner.take();
    // The end is committed; carrying out what follows for the group is what the stop cuts off.
    bed.store.groups.save = () => new Promise(() => {});
    await runner.report(lease, { type: "job.finished", status: "success", outputs: {}, at: 2 });
    await bed.abandon(clock);
    await bed.control.idle();
    await runner.work();
    expect(await bed.outcomes()).toEqual(["1 success", "2 success"]);
    expect(await bed.store.groups.list()).toEqual([]);
  });

  it("lets the next run into a group though the store failed while the one before left it", async () => {
    const grouped = `${one}concurrency: deploy\n`;
    await bed.restart({ ...clock, limits: { retryScale: 1 / 200 } });
    const runner = await bed.runner();
    await bed.push(grouped);
    await bed.push(grouped);
    const { save } = bed.store.groups;
    let failures = 0;
    bed.store.groups.save = async (...of) => {
      failures += 1;
      if (failures === 1) throw new Error("the database is away");
      return save(...of);
    };
    await runner.finish(await runner.take());
    await expect.poll(async () => (await runner.work()).length).toBe(1);
    expect(failures).toBeGreaterThan(1);
    expect(await bed.outcomes()).toEqual(["1 success", "2 success"]);
  });

  it("numbers runs on after the clock was set back, also of events whose files cannot be read", async () => {
    await bed.push(one);
    await bed.push(one);
    const year = 365 * 86_400_000;
    await bed.restart({
      ...clock,
      now: () => Date.now() - year,
      limits: { retryScale: 1 / 200 },
      files: async () => {
        throw new SluiceError("payload-too-large", "The commit has more than 1000 workflow files.");
      },
    });
    for (const key of ["a", "b"]) await bed.control.accept(bed.event(), bed.repository.id, key);
    await expect.poll(() => bed.store.runs.lastNumber(bed.repository.id)).toBe(4);
  });

  it("stops the run that a newer one wants out of its group, when that was not said before", async () => {
    const grouped = `${one}concurrency: { group: deploy, cancel-in-progress: true }\n`;
    const runner = await bed.runner();
    await bed.push(grouped);
    const { lease } = await runner.take();
    await runner.report(lease, { type: "step.started", step: 0, name: "x", at: 1 });
    // The newer one's place is committed; the word to the older one is what the stop cuts off.
    bed.store.runs.apply = () => new Promise(() => {});
    await bed.control.accept(bed.event(), bed.repository.id, "newer");
    const waiting = async (): Promise<number> => (await readGroups(bed.store))[0]?.state.queue.length ?? 0;
    await expect.poll(waiting).toBe(1);
    await bed.abandon(clock);
    await bed.control.idle();
    expect(await runner.channel.heartbeat(lease, AbortSignal.timeout(60_000))).toEqual({ cancel: true });
    await runner.report(lease, { type: "job.finished", status: "cancelled", outputs: {}, at: 2 });
    await bed.control.idle();
    await runner.work();
    expect(await bed.outcomes()).toEqual(["1 cancelled", "2 success"]);
  });
});
