import type { Ending } from "../state.ts";

/** The work's result, or "cancelled" as soon as the signal is aborted: work still in progress is abandoned. */
export async function orAborted(work: Promise<Ending>, signal: AbortSignal): Promise<Ending> {
  const aborted = Promise.withResolvers<Ending>();
  const onAbort = (): void => aborted.resolve({ status: "cancelled" });
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
    // Once nobody waits for it, its failure is ignored.
    work.catch(() => undefined);
  }
}
