import type { Ending } from "../state.ts";

/** The work's ending, or "cancelled" as soon as the signal is aborted: what is still under way then is left to itself. */
export async function orAborted(work: Promise<Ending>, signal: AbortSignal): Promise<Ending> {
  const aborted = Promise.withResolvers<Ending>();
  const onAbort = (): void => aborted.resolve({ status: "cancelled" });
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
    // When nobody waits any more, its failure is nobody's either.
    work.catch(() => undefined);
  }
}
