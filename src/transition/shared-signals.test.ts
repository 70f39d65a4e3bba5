import { expect, it } from "vitest";
import type { Channel, Store } from "../store/index.ts";
import { breakChannels, eachSharedDatabase, notifyChannels, type StoreBed } from "../store/testbed.ts";
import { openSignals } from "./shared-signals.ts";
import type { Signal, Signals } from "./signals.ts";

const resync: Signal = { type: "live", event: { type: "resync" } };

function cancelled(job: string): Signal {
  return { type: "cancelled", jobs: [job] };
}

function heard(signals: Signals): Signal[] {
  const all: Signal[] = [];
  signals.listen((signal) => all.push(signal));
  return all;
}

/** What one process hears, apart from hints to look again; and how many of those. */
class Process {
  readonly signals: Signals;
  readonly warnings: string[] = [];
  readonly #heard: Signal[];

  constructor({ channel }: Pick<Store, "channel">) {
    this.signals = openSignals(channel, { warn: (_, message) => this.warnings.push(message) });
    this.#heard = heard(this.signals);
  }

  get jobs(): readonly string[] {
    return this.#heard.flatMap((signal) => (signal.type === "cancelled" ? signal.jobs : []));
  }

  get resyncs(): number {
    return this.#heard.filter((signal) => JSON.stringify(signal) === JSON.stringify(resync)).length;
  }
}

/** Sends a signal each way until it arrives: while a channel connects, signals get lost. */
async function exchange(a: Process, b: Process, word: string): Promise<void> {
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    let tries = 0;
    const name = `${word} ${from === a ? "a" : "b"}`;
    await expect
      .poll(() => {
        from.signals.send(cancelled(`${name} ${(tries += 1)}`));
        return to.jobs.some((job) => job.startsWith(name));
      })
      .toBe(true);
  }
}

eachSharedDatabase("signals", signalTests);

function signalTests({ fresh, cleanups }: StoreBed): void {
  /** Two processes that hear each other: each one's hints after connecting have reached the other. */
  async function pair(): Promise<{ url: string; a: Process; b: Process }> {
    const { store, url, again } = await fresh();
    const [a, b] = [new Process(store), new Process(await again())];
    cleanups.push(
      () => a.signals.close(),
      () => b.signals.close(),
    );
    await exchange(a, b, "hello");
    return { url, a, b };
  }

  it("are heard at once in their own process, once, and then in the other", async () => {
    const { a, b } = await pair();
    a.signals.send(cancelled("1"));
    a.signals.send(cancelled("2"));
    expect(a.jobs.slice(-2)).toEqual(["1", "2"]);
    await expect.poll(() => b.jobs.slice(-2)).toEqual(["1", "2"]);
    b.signals.send(cancelled("3"));
    await expect.poll(() => a.jobs.at(-1)).toBe("3");
    expect(a.jobs.filter((job) => job === "1" || job === "2")).toEqual(["1", "2"]);
  });

  it("tell everybody to look again after a connection broke", async () => {
    const { url, a, b } = await pair();
    const before = [a.resyncs, b.resyncs] as const;
    await breakChannels(url);
    await expect.poll(() => a.resyncs).toBeGreaterThan(before[0]);
    await expect.poll(() => b.resyncs).toBeGreaterThan(before[1]);
    await exchange(a, b, "again");
  });

  it("are not whatever else a user of the database notifies: it is ignored with a warning", async () => {
    const { url, a, b } = await pair();
    const event = { type: "log", run: "R", job: "J", step: 0, lines: 1, bytes: 1 };
    const forged = JSON.stringify([{ type: "live", event }]);
    for (const text of ["", "hello", '[{"type":"cancelled","jobs":"all"}]', "[".repeat(7000), forged])
      await notifyChannels(url, text);
    await expect.poll(() => [a.warnings.length, b.warnings.length]).toEqual([5, 5]);
    expect(a.warnings[0]).toContain("ignored a notification");
    await exchange(a, b, "still here");
  });
}

it("sends what a busy channel cannot take as hints to look again", async () => {
  const texts: string[] = [];
  const busy = Promise.withResolvers<void>();
  const channel: Channel = {
    shared: true,
    subscribe: () => () => {},
    publish: async (text) => {
      texts.push(text);
      await busy.promise;
    },
  };
  const signals = openSignals(channel, { warn: () => {} });
  const all = heard(signals);
  for (let index = 0; index < 100_000; index += 1) signals.send(cancelled(`job ${index}`));
  expect(all).toHaveLength(100_000);
  busy.resolve();
  await signals.close();
  expect(texts.join("")).toContain('{"type":"cancelled","jobs":[]}');
  expect(texts.join("").length).toBeLessThan(100_000);
});
