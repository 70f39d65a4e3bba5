import { setTimeout } from "node:timers/promises";
import { SluiceError } from "../model/index.ts";

const firstMs = 100;
const longestMs = 5_000;

/** Pauses between tries: doubling, with jitter, so that many runners do not come back to a server all at once. */
export class Backoff {
  #tries = 0;

  /** Waits as long as is due after one more failure; rejects with the signal's reason. */
  async pause(signal: AbortSignal): Promise<void> {
    const due = Math.min(longestMs, firstMs * 2 ** this.#tries);
    this.#tries += 1;
    await wait(due * (0.5 + Math.random() / 2), signal);
  }

  reset(): void {
    this.#tries = 0;
  }
}

/** Waits, but no longer than until the signal is aborted; rejects with its reason then. */
export async function wait(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  try {
    await setTimeout(ms, undefined, { signal });
  } catch {
    // Only the signal ends the wait early, and its reason says more than the timer's AbortError.
    signal.throwIfAborted();
  }
}

/** True when the same call may well succeed later. What is no SluiceError is a defect of the server in this process, which may mend itself as well as one behind HTTP. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof SluiceError)) return true;
  return error.code === "unavailable" || error.code === "rate-limited" || error.code === "internal" || error.code === "storage-full";
}
