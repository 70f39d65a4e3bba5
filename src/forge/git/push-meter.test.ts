import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PushMeter } from "./push-meter.ts";

const MiB = 1024 * 1024;
const line = "0000000000000000000000000000000000000000 1111111111111111111111111111111111111111 refs/heads/x\n";
const packet = `${(line.length + 4).toString(16).padStart(4, "0")}${line}`;

describe("a push's size", () => {
  it("is bounded in the list of refs and in the pack, each by itself", () => {
    const list = new PushMeter(100 * MiB);
    const packets = Buffer.from(packet.repeat(10_000));
    let sent = 0;
    while (list.pass(packets) === undefined) sent += packets.length;
    expect(sent / MiB).toBeGreaterThan(30);
    expect(sent / MiB).toBeLessThan(32);
    expect(list.pass(packets)).toMatchObject({
      code: "payload-too-large",
      message: expect.stringContaining("too many refs") as unknown,
    });
    const pack = new PushMeter(MiB);
    expect(pack.pass(Buffer.from(`${packet}0000PACK`))).toBeUndefined();
    expect(pack.pass(Buffer.alloc(MiB))).toBeUndefined();
    expect(pack.pass(Buffer.alloc(2 * MiB))).toMatchObject({ code: "payload-too-large" });
  });

  it("is the same however it is cut, and whatever comes", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(packet, "0000", "0004", "0001", "zzzz", "ffff", "PACK", "\0\0"), { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
        (parts, cuts) => {
          const all = Buffer.from(parts.join(""));
          const whole = new PushMeter(20);
          const pieces = new PushMeter(20);
          const expected = whole.pass(all)?.message;
          let found: string | undefined;
          for (let at = 0, turn = 0; at < all.length; turn += 1) {
            const step = cuts[turn % cuts.length] ?? 1;
            found ??= pieces.pass(all.subarray(at, at + step))?.message;
            at += step;
          }
          expect(found).toBe(expected);
        },
      ),
    );
  });
});
