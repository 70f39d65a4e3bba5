import * as z from "zod";
import type { LiveEvent } from "../model/index.ts";
import type { Signal } from "./signals.ts";

/** Live events that say where something changed, not what: a forged one makes readers fetch, and shows nothing. */
const liveHintSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("results"), run: z.string() }),
  z.object({ type: z.literal("runner"), runner: z.string() }),
  z.object({ type: z.literal("repository"), repository: z.string() }),
  z.object({ type: z.literal("notice") }),
  z.object({ type: z.literal("schedule"), repository: z.string() }),
  z.object({ type: z.literal("resync") }),
]);

const signalSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("messages") }),
  z.object({ type: z.literal("queued"), labels: z.array(z.array(z.string())) }),
  z.object({ type: z.literal("cancelled"), jobs: z.array(z.string()) }),
  z.object({ type: z.literal("live"), event: liveHintSchema }),
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

/**
 * Writes one signal for a text of at most `limit` bytes. Replaces one that is too long by a hint to look again, and live
 * events that carry what changed by ones that say where.
 */
export function writeSignal(signal: Signal, limit: number): string {
  const text = JSON.stringify(signal.type === "live" ? { type: "live", event: hintOf(signal.event) } : signal);
  return Buffer.byteLength(text) + 3 <= limit ? text : JSON.stringify(hints[signal.type]);
}

function hintOf(event: LiveEvent): z.infer<typeof liveHintSchema> {
  // A run's event concerns the lists of runs, too.
  if (event.type === "run") return { type: "resync" };
  if (event.type === "job" || event.type === "step" || event.type === "log") return { type: "results", run: event.run };
  return event;
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
