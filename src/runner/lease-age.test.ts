import { describe, expect, it } from "vitest";
import { LeaseAge } from "./lease-age.ts";

function clocks() {
  const time = { monotonic: 0, wall: 1_000_000 };
  return {
    pass: (ms: number) => {
      time.monotonic += ms;
      time.wall += ms;
    },
    sleep: (ms: number) => {
      time.wall += ms;
    },
    setBack: (ms: number) => {
      time.wall -= ms;
    },
    clocks: { monotonic: () => time.monotonic, wall: () => time.wall },
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const never = new AbortController().signal;

/** Whether it resolves without anything more happening. */
async function isRecent(age: LeaseAge, signal = never): Promise<boolean> {
  return Promise.race([age.recent(signal).then(() => true), turn().then(() => false)]);
}

describe("the age of a lease", () => {
  it("is recent until the server has not confirmed it for 20 s", async () => {
    const time = clocks();
    const age = new LeaseAge(time.clocks);
    time.pass(19_999);
    expect(await isRecent(age)).toBe(true);
    time.pass(1);
    expect(await isRecent(age)).toBe(false);
    await age.confirmedBy(async () => undefined);
    expect(await isRecent(age)).toBe(true);
  });

  it("counts from when the accepted call was sent, and a call that fails confirms nothing", async () => {
    const time = clocks();
    const age = new LeaseAge(time.clocks);
    await age.confirmedBy(async () => time.pass(25_000));
    expect(await isRecent(age)).toBe(false);
    await expect(age.confirmedBy(async () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await isRecent(age)).toBe(false);
  });

  it("grows while the machine sleeps, and when its clock is set back", async () => {
    const time = clocks();
    const age = new LeaseAge(time.clocks);
    time.sleep(30_000);
    expect(await isRecent(age)).toBe(false);
    await age.confirmedBy(async () => undefined);
    time.setBack(3_600_000);
    time.pass(20_000);
    expect(await isRecent(age)).toBe(false);
  });

  it("lets who waits go with the next confirmation, or when the signal is aborted", async () => {
    const time = clocks();
    const age = new LeaseAge(time.clocks);
    time.pass(30_000);
    const stop = new AbortController();
    const waiting = [age.recent(never), age.recent(stop.signal)];
    stop.abort();
    await expect(waiting[1]).resolves.toBeUndefined();
    await age.confirmedBy(async () => undefined);
    await expect(waiting[0]).resolves.toBeUndefined();
  });
});
