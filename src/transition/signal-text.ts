import * as z from "zod";
import { liveEventSchema } from "../model/index.ts";
import type { Signal } from "./signals.ts";

const signalSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("messages") }),
  z.object({ type: z.literal("queued"), labels: z.array(z.array(z.string())) }),
  z.object({ type: z.literal("cancelled"), jobs: z.array(z.string()) }),
  z.object({ type: z.literal("live"), event: liveEventSchema }),
]);

const textSchema = z.array(signalSchema);

const hints = {
  messages: { type: "messages" },
  queued: { type: "queued", labels: [] },
  cancelled: { type: "cancelled", jobs: [] },
  live: { type: "live", event: { type: "resync" } },
} as const satisfies Record<Signal["type"], Signal>;

/** Signals of any kind can have been lost: everybody must look again. */
export const lookAgain: readonly Signal[] = Object.values(hints);

/** Parses a text that another process sent. Throws if it holds anything but signals. */
export function readSignals(text: string): readonly Signal[] {
  return textSchema.parse(JSON.parse(text));
}

/** Writes one signal for a text of at most `limit` bytes. Replaces one that is too long by a hint to look again. */
export function writeSignal(signal: Signal, limit: number): string {
  const text = JSON.stringify(signal);
  return Buffer.byteLength(text) + 3 <= limit ? text : JSON.stringify(hints[signal.type]);
}

/** Joins written signals, in order, to few texts of at most `limit` bytes. */
export function packSignals(written: Iterable<string>, limit: number): readonly string[] {
  const texts: string[] = [];
  let batch: string[] = [];
  let bytes = 2;
  const finish = (): void => {
    if (batch.length > 0) texts.push(`[${batch.join(",")}]`);
    batch = [];
    bytes = 2;
  };
  for (const one of written) {
    // With a comma.
    const size = Buffer.byteLength(one) + 1;
    if (bytes + size > limit) finish();
    bytes += size;
    batch.push(one);
  }
  finish();
  return texts;
}
