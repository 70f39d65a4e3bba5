import { setTimeout } from "node:timers/promises";
import { type ErrorCode, type RetryPolicy, SluiceError, retryDelay } from "../model/index.ts";

/** Of calls to the server, with jitter so that many runners do not come back to it all at once. */
const callRetry: RetryPolicy = { first: 100, longest: 5_000, jitter: 0.5 };
/** Of requests for jobs that were answered with none, and too soon. */
export const emptyRetry: RetryPolicy = { first: 320, longest: 1_000 };

/** The pauses between calls that fail one after the other. */
export class Backoff {
  #failures = 0;

  /** Waits as long as is due after one more failure; rejects with the signal's reason. */
  async pause(signal: AbortSignal): Promise<void> {
    this.#failures += 1;
    await wait(retryDelay(callRetry, this.#failures, Math.random()) ?? 0, signal);
  }

  reset(): void {
    this.#failures = 0;
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

/** True for an answer of the server, or of its absence, with one of the codes. */
function says(error: unknown, ...wanted: readonly ErrorCode[]): boolean {
  return error instanceof SluiceError && wanted.includes(error.code);
}

/**
 * True when the same call may well succeed later. What is no SluiceError is a defect of the server in this process, which
 * may mend itself as well as one behind HTTP (`internal`).
 */
export function isPassing(error: unknown): boolean {
  return !(error instanceof SluiceError) || says(error, "unavailable", "rate-limited", "internal", "storage-full");
}

/** What a failed call means: made again after a pause, thrown to the caller who deals with it, or the end of the job here. */
export type Verdict = "again" | "answer" | "drop";

/** Reports: the server must take them; one that it refuses for good means that it has no use for the job any more. */
export function judgeReport(error: unknown): Verdict {
  return isPassing(error) ? "again" : "drop";
}

/** Logs: as reports, but the stream deals with gaps and with a log that is closed. */
export function judgeLog(error: unknown): Verdict {
  return says(error, "log-gap", "log-closed") ? "answer" : judgeReport(error);
}

/** Artifacts and caches: a refusal is the step's to deal with, a full disk too. */
export function judgeTransfer(error: unknown): Verdict {
  if (says(error, "unavailable", "rate-limited")) return "again";
  return says(error, "lease-stale", "unauthenticated", "forbidden") ? "drop" : "answer";
}
