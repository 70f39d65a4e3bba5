import type { Blobs, Logs, Store } from "../../store/index.ts";

/** Files that are younger stay, in milliseconds: their row may be on its way. */
const graceMs = 86_400_000;
/** Files that are checked with one query. */
const portion = 200;

/**
 * Removes blobs and logs that no row refers to: a crash between a file and its row leaves them. Reads folders as streams
 * and checks them in portions, so its memory does not grow with the data.
 */
export class Sweep {
  readonly #options: SweepOptions;

  constructor(options: SweepOptions) {
    this.#options = options;
  }

  /** Goes through all files once. Resolves to how many blobs and jobs' logs it removed. */
  async check(): Promise<number> {
    const { store, blobs, logs, writing } = this.#options;
    const before = this.#options.now() - graceMs;
    const lostBlobs = await inPortions(blobs.older(before), async (keys) => {
      // Asked before the rows: what is no longer being written has its row by now.
      const settled = keys.filter((key) => !writing(key));
      const known = await store.files.known({ blobs: settled, jobs: [] });
      return removeUnknown(settled, new Set(known.blobs), (key) => blobs.remove(key));
    });
    const lostLogs = await inPortions(logs.older(before), async (jobs) => {
      const known = await store.files.known({ blobs: [], jobs });
      return removeUnknown(jobs, new Set(known.jobs), (job) => logs.remove(job));
    });
    return lostBlobs + lostLogs;
  }
}

interface SweepOptions {
  readonly store: Store;
  readonly blobs: Blobs;
  readonly logs: Logs;
  readonly now: () => number;
  /** Whether a blob is being written, or waits for its row. */
  readonly writing: (key: string) => boolean;
}

async function inPortions(
  names: AsyncIterable<string>,
  work: (names: readonly string[]) => Promise<number>,
): Promise<number> {
  let removed = 0;
  let some: string[] = [];
  for await (const name of names) {
    some.push(name);
    if (some.length < portion) continue;
    removed += await work(some);
    some = [];
  }
  return some.length === 0 ? removed : removed + (await work(some));
}

async function removeUnknown(
  names: readonly string[],
  known: ReadonlySet<string>,
  remove: (name: string) => Promise<void>,
): Promise<number> {
  const lost = names.filter((name) => !known.has(name));
  for (const name of lost) await remove(name);
  return lost.length;
}
