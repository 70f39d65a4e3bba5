import { knows, patchDetail, type RunEvent } from "./patch.ts";
import type { RunDetail } from "./types.ts";

/** How often a run is fetched at most because it changed while it was fetched. */
const MOST = 3;

/** Events that were received while a run is fetched: its response may be older than they are. */
const fetching = new Map<RunEvent[], string>();

/** Remembers an event for the responses that are under way. */
export function overtake(event: RunEvent): void {
  for (const [events, run] of fetching) if (run === event.run) events.push(event);
}

/**
 * Fetches a run, and puts in the events that were received meanwhile. Fetches it again if one names a job that the
 * response does not have.
 */
export async function fetchRun(id: string, fetch: () => Promise<RunDetail>): Promise<RunDetail> {
  const events: RunEvent[] = [];
  fetching.set(events, id);
  try {
    for (let attempt = 1; ; attempt += 1) {
      const run = await fetch();
      if (attempt === MOST || events.every((event) => knows(run, event))) return events.reduce(patchDetail, run);
    }
  } finally {
    fetching.delete(events);
  }
}
