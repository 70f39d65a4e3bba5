import { describe, expect, it } from "vitest";
import { SluiceError } from "../../src/model/index.ts";
import { Bed, oneJob } from "./control-bed.ts";

const day = 86_400_000;

describe("registered runners", () => {
  it("are bounded: one that was silent for days makes room, one that is about does not", async () => {
    let now = Date.now();
    await using bed = await Bed.open({ limits: { runners: 2 }, now: () => now });
    const first = await bed.runner("first");
    now += day;
    await bed.runner("second");
    await expect(bed.runner("third")).rejects.toMatchObject({
      code: "conflict",
      message: "2 runners are registered, which is the limit.",
    });
    // Its own registration anew is not one more.
    await bed.control.registerRunner({ id: first.id, name: "first", labels: [], capacity: 1 });
    now += 2.5 * day;
    await bed.control.registerRunner({ id: first.id, name: "first", labels: [], capacity: 1 });
    now += day;
    await bed.runner("third");
    expect((await bed.control.runners()).map((each) => each.name)).toEqual(["first", "third"]);
  });
});

describe("a job whose runner sends heartbeats and never ends it", () => {
  it("has failed some time after its own limit, with its steps, and the runner is told", async () => {
    let elapsed = 0;
    await using bed = await Bed.open({ limits: { overtime: 60_000 }, monotonic: () => elapsed });
    const runner = await bed.runner();
    const id = await bed.push(
      "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    timeout-minutes: 2\n    steps:\n      - run: sleep 1000\n      - run: echo late\n",
    );
    const { lease } = await runner.take();
    await runner.report(lease, { type: "step.started", step: 0, name: "sleep", at: 1 });
    const pass = async (seconds: number): Promise<void> => {
      for (let second = 0; second < seconds; second += 1) {
        elapsed += 1000;
        await bed.control.check();
        if (second % 5 === 0) await runner.channel.heartbeat(lease, AbortSignal.abort());
      }
    };
    await pass(179);
    expect((await bed.control.run(id)).status).toBe("running");
    await expect(pass(10)).rejects.toMatchObject({ code: "lease-stale" });
    const { status, jobs } = await bed.control.run(id);
    expect([status, jobs[0]?.status, jobs[0]?.reason]).toEqual([
      "failure",
      "failure",
      "it ran longer than its timeout of 2 minutes, and its runner did not stop it",
    ]);
    expect(jobs[0]?.steps.map((step) => step.status)).toEqual(["cancelled", "skipped"]);
    await expect(runner.channel.log(lease, 0, 0, Buffer.from("x"))).rejects.toMatchObject({ code: "lease-stale" });
  });
});

describe("a job that is taken while its runner goes away", () => {
  it("is the next runner's at once", async () => {
    await using bed = await Bed.open();
    const [first, second] = [await bed.runner("first"), await bed.runner("second")];
    await bed.push("on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo hello\n");
    const gone = new AbortController();
    // The moment it is taken: the answer will find nobody.
    const watch = bed.control.live.subscribe(undefined, ({ event }) => {
      if (event.type === "job" && event.status === "running") gone.abort();
    });
    expect(await first.lease({}, gone.signal)).toEqual([]);
    watch.close();
    expect(gone.signal.aborted).toBe(true);
    const { lease } = await second.take();
    expect((await bed.store.jobs.byId(lease.job))?.runnerId).toBe(second.id);
  });
});

describe("an event whose files cannot be read", () => {
  it("becomes a failed run that says why, and holds up no other", async () => {
    let bad = true;
    await using bed = await Bed.open({
      limits: { retryScale: 1 / 200 },
      files: async (sha) => {
        if (bad && sha.endsWith("1"))
          throw new SluiceError("payload-too-large", "The commit has more than 1000 workflow files.");
        return oneJob;
      },
    });
    for (const event of [bed.event(), bed.event()]) await bed.control.accept(event, bed.repository.id, event.sha);
    await expect.poll(async () => (await bed.outcomes()).toSorted()).toEqual(["1 pending", "2 failure"]);
    bad = false;
    const [run] = await bed.control.runs({ limit: 1 });
    expect((await bed.control.run(run?.id ?? "")).diagnostics).toMatchObject([
      { code: "payload-too-large", message: "The commit has more than 1000 workflow files.", severity: "error" },
    ]);
    await expect.poll(() => bed.store.messages.count()).toBe(0);
  });

  it("is retried as long as the cause may pass by itself", async () => {
    let tries = 0;
    await using bed = await Bed.open({
      limits: { retryScale: 1 / 200 },
      files: async () => {
        tries += 1;
        if (tries < 26) throw new SluiceError("storage-full", "There is no space left.");
        return oneJob;
      },
    });
    const event = bed.event();
    await bed.control.accept(event, bed.repository.id, event.sha);
    await expect.poll(() => bed.outcomes()).toEqual(["1 pending"]);
    expect(tries).toBe(26);
  });
});
