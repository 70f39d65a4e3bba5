import { expect, it } from "vitest";
import type { LiveEvent } from "../../src/model/index.ts";
import { type Channel, openStore } from "../../src/store/index.ts";
import { eachSharedDatabase, notifyChannels, type StoreBed } from "../../src/store/testbed.ts";
import { Bed, type BedOptions } from "./control-bed.ts";

/** Nothing but a signal ends a wait: whoever polls does so after the test's limit. */
const signalsOnly: BedOptions = { alone: false, limits: { lookAgain: 1_000_000, heartbeatWait: 1_000_000 } };

const twoJobs = `on: push
jobs:
  a: { runs-on: ubuntu-latest, steps: [{ run: echo }] }
  b: { needs: a, runs-on: ubuntu-latest, steps: [{ run: echo }] }
`;

/** What the readers of a server hear. */
function events(bed: Bed): LiveEvent[] {
  const all: LiveEvent[] = [];
  bed.control.live.subscribe(undefined, ({ event }) => all.push(event));
  return all;
}

function has(all: readonly LiveEvent[], runner: string): boolean {
  return all.some((event) => event.type === "runner" && event.runner === runner);
}

/** Until each hears the other: while a channel connects, signals get lost. */
async function connected(a: Bed, b: Bed): Promise<void> {
  const [atA, atB] = [events(a), events(b)];
  await expect
    .poll(() => {
      a.control.live.publish({ type: "runner", runner: "from a" });
      b.control.live.publish({ type: "runner", runner: "from b" });
      return has(atA, "from b") && has(atB, "from a");
    })
    .toBe(true);
}

/*
 * The lock of the database keeps a second server off. Without it, two sets of controllers share what is in the database.
 */
eachSharedDatabase("two servers on a database", twoServers);

function twoServers({ make, cleanups }: StoreBed): void {
  async function database(): Promise<string> {
    const { url, drop } = await make();
    cleanups.push(drop);
    return url;
  }

  async function open(url: string, options: BedOptions = signalsOnly): Promise<Bed> {
    const bed = await Bed.open(options, undefined, url);
    cleanups.push(() => bed[Symbol.asyncDispose]());
    return bed;
  }

  async function pair(): Promise<readonly [Bed, Bed]> {
    const url = await database();
    const [a, b] = [await open(url), await open(url)];
    await connected(a, b);
    for (const bed of [a, b]) bed.files = [{ path: ".github/workflows/ci.yml", text: twoJobs }];
    return [a, b];
  }

  it.each(["the first", "the second"])(
    "hand a runner that waits at one the job of an event that %s accepted, at once, and tell it of a cancel at the other",
    async (which) => {
      const [a, b] = await pair();
      const [accepts, serves] = which === "the first" ? [a, b] : [b, a];
      const runner = await serves.runner();
      const waiting = runner.lease({ waitMs: 30_000 }, AbortSignal.timeout(60_000));
      await accepts.control.accept(accepts.event(), accepts.repository.id, "push 1");
      const [first] = await waiting;
      expect(first?.job.id).toBe("a");

      const [run] = await accepts.control.runs({ limit: 1 });
      const id = run?.id ?? "";
      if (first === undefined) throw new Error("no job was leased");
      await runner.channel.begin(first.lease);
      const beat = runner.channel.heartbeat(first.lease, AbortSignal.timeout(60_000));
      await accepts.control.cancelRun(id, "ann");
      expect(await beat).toEqual({ cancel: true });
      await runner.report(first.lease, { type: "job.finished", status: "cancelled", outputs: {}, at: 3 });
      expect((await accepts.control.run(id)).status).toBe("cancelled");
      // Neither acts on what it knew of the run before.
      await accepts.control.rerun(id, "all", "ann");
    },
  );

  it("hand out the jobs of one run in turn, whichever of them changed it last", async () => {
    const [a, b] = await pair();
    const seenAtA = events(a);
    const [one, two] = [await a.runner("one"), await b.runner("two")];
    const waiting = two.lease({ waitMs: 30_000 }, AbortSignal.timeout(60_000));
    await a.control.accept(a.event(), a.repository.id, "push 1");
    const [first] = await waiting;
    if (first === undefined) throw new Error("no job was leased");
    const next = one.lease({ waitMs: 30_000 }, AbortSignal.timeout(60_000));
    await two.report(first.lease, { type: "job.finished", status: "success", outputs: {}, at: 3 });
    const [second] = await next;
    if (second === undefined) throw new Error("no second job was leased");
    expect(second.job.id).toBe("b");
    const [run] = await a.control.runs({ limit: 1 });
    await expect.poll(() => seenAtA).toContainEqual({ type: "results", run: run?.id });
    await one.report(second.lease, { type: "job.finished", status: "success", outputs: {}, at: 4 });
    await expect.poll(() => b.outcomes()).toEqual(["1 success"]);
  });

  it("find queued jobs and cancels whose signal was lost", async () => {
    const url = await database();
    const a = await open(url);
    a.files = [{ path: ".github/workflows/ci.yml", text: twoJobs }];
    const store = await openStore({ database: url, now: Date.now });
    cleanups.push(() => store.close());
    const deaf: Channel = { shared: true, subscribe: () => () => {}, publish: async () => {} };
    const b = await open(url, {
      alone: false,
      limits: { lookAgain: 10, heartbeatWait: 10 },
      store: { ...store, channel: deaf },
    });
    const runner = await b.runner();
    const waiting = runner.lease({ waitMs: 30_000 }, AbortSignal.timeout(60_000));
    await a.control.accept(a.event(), a.repository.id, "push 1");
    const [first] = await waiting;
    if (first === undefined) throw new Error("no job was leased");
    const [run] = await a.control.runs({ limit: 1 });
    await a.control.cancelRun(run?.id ?? "", "ann");
    expect(await runner.channel.heartbeat(first.lease, AbortSignal.timeout(60_000))).toEqual({ cancel: true });
  });

  it("stop no job because a user of the database notifies that it was cancelled", async () => {
    const [a, b] = await pair();
    const runner = await b.runner();
    const waiting = runner.lease({ waitMs: 30_000 }, AbortSignal.timeout(60_000));
    await a.control.accept(a.event(), a.repository.id, "push 1");
    const [first] = await waiting;
    if (first === undefined) throw new Error("no job was leased");
    await runner.channel.begin(first.lease);
    const beat = runner.channel.heartbeat(first.lease, AbortSignal.timeout(60_000));
    await notifyChannels(b.database, JSON.stringify([{ type: "cancelled", jobs: [first.lease.job] }]));
    expect(await beat).toEqual({ cancel: false });
  });
}
