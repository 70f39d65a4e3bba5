import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SluiceError } from "../model/index.ts";
import { LogStream } from "./log-stream.ts";

/** A log that takes writes as the server does, but may take only a part of one. */
function receiver(takes: (bytes: number) => number = (bytes) => bytes) {
  let content = Buffer.alloc(0);
  const writes: number[] = [];
  return {
    writes,
    get content() {
      return content;
    },
    async write(offset: number, bytes: Uint8Array) {
      if (offset > content.length) throw new SluiceError("log-gap", "gap");
      writes.push(bytes.length);
      const fresh = bytes.subarray(content.length - offset);
      content = Buffer.concat([content, fresh.subarray(0, takes(fresh.length))]);
      return { length: content.length };
    },
  };
}

describe("a log stream", () => {
  it("delivers all bytes in order, however they arrive and however much of a write is accepted", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 3_000 }), { maxLength: 30 }),
        fc.integer({ min: 1, max: 4_000 }),
        async (pieces, most) => {
          const log = receiver((bytes) => Math.min(bytes, most));
          let stored = 0;
          const stream = new LogStream({
            write: (offset, bytes) => log.write(offset, bytes),
            stored: (bytes) => (stored += bytes),
          });
          for (const piece of pieces) stream.push(piece);
          await stream.flush();
          expect(log.content.equals(Buffer.concat(pieces))).toBe(true);
          expect(stored).toBe(log.content.length);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("sends the first bytes at once, and what comes soon after together", async () => {
    const log = receiver();
    const stream = new LogStream({ write: (offset, bytes) => log.write(offset, bytes), stored: () => {} });
    stream.push(Buffer.from("first"));
    await Promise.resolve();
    await Promise.resolve();
    for (let count = 0; count < 1_000; count += 1) stream.push(Buffer.from("more"));
    await stream.flush();
    expect(log.writes).toEqual([5, 4_000]);
  });

  it("writes at most a mebibyte at a time", async () => {
    const log = receiver();
    const stream = new LogStream({ write: (offset, bytes) => log.write(offset, bytes), stored: () => {} });
    stream.push(Buffer.alloc(2_500_000, 1));
    for (let count = 0; count < 30; count += 1) stream.push(Buffer.alloc(100_000, 2));
    await stream.flush();
    expect(Math.max(...log.writes)).toBeLessThanOrEqual(1_048_576);
    expect(log.content.length).toBe(5_500_000);
  });

  it("forgets late output of a log that is closed", async () => {
    let stored = 0;
    let calls = 0;
    const write = async () => {
      calls += 1;
      throw new SluiceError("log-closed", "closed");
    };
    const stream = new LogStream({ write, stored: (bytes) => (stored += bytes) });
    stream.push(Buffer.from("late"));
    await stream.flush();
    stream.push(Buffer.from("later"));
    await stream.flush();
    expect(calls).toBe(1);
    expect(stored).toBe(9);
  });

  it("rejects a flush and releases what waits when the job is dropped", async () => {
    let stored = 0;
    const stream = new LogStream({
      write: () => Promise.reject(new SluiceError("lease-stale", "old")),
      stored: (bytes) => (stored += bytes),
    });
    stream.push(Buffer.from("12345"));
    await expect(stream.flush()).rejects.toMatchObject({ code: "lease-stale" });
    expect(stored).toBe(5);
  });
});
