import { describe, expect, it } from "vitest";
import { lookAgain, packSignals, readSignals, writeSignal } from "./signal-text.ts";
import type { Signal } from "./signals.ts";

const limit = 200;

function cancelled(...jobs: readonly string[]): Signal {
  return { type: "cancelled", jobs };
}

function sent(signals: readonly Signal[]): readonly string[] {
  return packSignals(
    signals.map((signal) => writeSignal(signal, limit)),
    limit,
  );
}

describe("the text of signals", () => {
  it("says all of them, in order, in few texts that are short enough", () => {
    const signals: Signal[] = [
      ...lookAgain,
      { type: "queued", labels: [["linux", "größer"], []] },
      ...Array.from({ length: 40 }, (_, index) => cancelled(`job ${"ü".repeat(index)}`)),
    ];
    const texts = sent(signals);
    expect(texts.flatMap(readSignals)).toEqual(signals);
    for (const text of texts) expect(Buffer.byteLength(text)).toBeLessThanOrEqual(limit);
    expect(sent(signals.slice(0, 3))).toHaveLength(1);
    expect(sent([])).toEqual([]);
  });

  it("asks to look again in place of a signal that is too long", () => {
    const long = "ü".repeat(limit / 2);
    const signals: Signal[] = [
      cancelled("a", long),
      { type: "queued", labels: [["a"], [long]] },
      { type: "live", event: { type: "repository", repository: long } },
    ];
    expect(sent(signals).flatMap(readSignals)).toEqual([
      { type: "cancelled", jobs: [] },
      { type: "queued", labels: [] },
      { type: "live", event: { type: "resync" } },
    ]);
  });

  it("says where a live event changed something, not what", () => {
    const event = { type: "log", run: "R", job: "J", step: 0, lines: 1, bytes: 1 } as const;
    expect(sent([{ type: "live", event }]).flatMap(readSignals)).toEqual([
      { type: "live", event: { type: "results", run: "R" } },
    ]);
  });

  it.each(["", "hello", "{}", "null", '[{"type":"messages"},{"type":"drop"}]', '[{"type":"cancelled","jobs":[1]}]'])(
    "is not %j",
    (text) => {
      expect(() => readSignals(text)).toThrow(/JSON|Invalid/);
    },
  );
});
