import { afterEach, describe, expect, it, vi } from "vitest";
import type { LiveEvent } from "../../model/index.ts";
import { localSignals } from "../../transition/index.ts";
import { LiveHub, type LiveMessage } from "./hub.ts";

function event(runner: string): LiveEvent {
  return { type: "runner", runner };
}

function heard(
  hub: LiveHub,
  after?: string,
): { readonly messages: LiveMessage[]; readonly resync: boolean; readonly close: () => void } {
  const messages: LiveMessage[] = [];
  return { messages, ...hub.subscribe(after, (message) => messages.push(message)) };
}

afterEach(() => {
  vi.useRealTimers();
});

describe("the live hub", () => {
  it("tells everybody, until they close", () => {
    const hub = new LiveHub(localSignals(), 1);
    const one = heard(hub);
    const two = heard(hub);
    hub.publish(event("a"));
    one.close();
    hub.publish(event("b"));
    expect(one.messages.map((each) => each.event)).toEqual([event("a")]);
    expect(two.messages.map((each) => each.event)).toEqual([event("a"), event("b")]);
  });

  it("goes on behind the message that a reader knows", () => {
    const hub = new LiveHub(localSignals(), 1);
    const all = heard(hub);
    for (const name of ["a", "b", "c"]) hub.publish(event(name));
    const again = heard(hub, all.messages[0]?.id);
    expect(again.resync).toBe(false);
    expect(again.messages.map((each) => each.event)).toEqual([event("b"), event("c")]);
    expect(heard(hub, all.messages[2]?.id)).toMatchObject({ resync: false, messages: [] });
  });

  it("says when messages are lost: too old, of another process, or nonsense", () => {
    const hub = new LiveHub(localSignals(), 1_000_000);
    for (let index = 0; index < 5000; index += 1) hub.publish(event(String(index)));
    expect(heard(hub, "1000000000").resync).toBe(true);
    expect(heard(hub, "7").resync).toBe(true);
    expect(heard(hub, "1000005000").resync).toBe(true);
    expect(heard(hub, "x").resync).toBe(true);
    expect(heard(hub, "1000004998")).toMatchObject({ resync: false, messages: [{ event: event("4999") }] });
  });

  it("tells of a growing log at once, then now and then, and of its last length", () => {
    vi.useFakeTimers();
    const hub = new LiveHub(localSignals(), 1);
    const { messages } = heard(hub);
    const log = (bytes: number): void =>
      hub.publishLog({ type: "log", run: "r", job: "j", step: 0, lines: bytes, bytes });
    log(1);
    log(2);
    log(3);
    expect(messages).toHaveLength(1);
    vi.advanceTimersByTime(100);
    expect(messages.map((each) => each.event)).toMatchObject([{ bytes: 1 }, { bytes: 3 }]);
    vi.advanceTimersByTime(1000);
    log(4);
    expect(messages).toHaveLength(3);
  });
});
