import { setTimeout } from "node:timers/promises";
import { type ErrorCode, type RetryPolicy, SluiceError, retryDelay } from "../model/index.ts";

/** For calls to the server, with jitter so that many runners do not return all at once. */
const callRetry: RetryPolicy = { first: 100, longest: 5_000, jitter: 0.5 };
/** For job requests that returned none too soon. */
export const emptyRetry: RetryPolicy = { first: 320, longest: 1_000 };

/** The delays between consecutive failures. */
export class Backoff {
  #failures = 0;

  /** Waits for the delay after one more failure; rejects with the signal's reason. */
  async pause(signal: AbortSignal): Promise<void> {
    this.#failures += 1;
    await wait(retryDelay(callRetry, this.#failures, Math.random()) ?? 0, signal);
  }

  reset(): void {
    this.#failures = 0;
  }
}

/** Waits, but only until the signal is aborted; then rejects with its reason. */
export async function wait(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  try {
    await setTimeout(ms, undefined, { signal });
  } catch {
    // Only the signal ends the wait early, and its reason says more than the timer's AbortError.
    signal.throwIfAborted();
  }
}

/** Whether a response of the server, or its absence, has one of the codes. */
function says(error: unknown, ...wanted: readonly ErrorCode[]): boolean {
  return error instanceof SluiceError && wanted.includes(error.code);
}

/**
 * Whether the same call may succeed later. Anything that is not a SluiceError is a bug of the server in this process,
 * which may recover like one behind HTTP (`internal`).
 */
export function isPassing(error: unknown): boolean {
  return !(error instanceof SluiceError) || says(error, "unavailable", "rate-limited", "internal", "storage-full");
}

/** What a failed call means: retry after a delay, throw to the caller, or end the job here. */
export type Verdict = "again" | "answer" | "drop";

/** Reports: the server must accept them; if it rejects one permanently, it no longer wants the job. */
export function judgeReport(error: unknown): Verdict {
  return isPassing(error) ? "again" : "drop";
}

/** Logs: like reports, but the stream handles gaps and closed logs. */
export function judgeLog(error: unknown): Verdict {
  return says(error, "log-gap", "log-closed") ? "answer" : judgeReport(error);
}

/** Artifacts and caches: the step handles a rejection, and a full disk too. */
export function judgeTransfer(error: unknown): Verdict {
  if (says(error, "unavailable", "rate-limited")) return "again";
  return says(error, "lease-stale", "unauthenticated", "forbidden") ? "drop" : "answer";
}
