import { describe, expect, it } from "vitest";
import { makeWaiter } from "./waiting.ts";

describe("a waiter", () => {
  it("ends when it is woken, also when that came before the wait", async () => {
    const { signal } = new AbortController();
    const waiting = makeWaiter();
    const wait = waiting.wait(60_000, signal);
    waiting.wake();
    expect(await wait).toBe(true);
    const woken = makeWaiter();
    woken.wake();
    expect(await woken.wait(60_000, signal)).toBe(true);
  });

  it("ends with false when its time is over or its caller gives up", async () => {
    const stop = new AbortController();
    expect(await makeWaiter().wait(1, stop.signal)).toBe(false);
    const wait = makeWaiter().wait(60_000, stop.signal);
    stop.abort();
    expect(await wait).toBe(false);
    expect(await makeWaiter().wait(60_000, stop.signal)).toBe(false);
  });
});
