import { watch, type FSWatcher } from "node:fs";
import { lstat, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { SluiceError, messageOf } from "../../model/index.ts";
import { spoolOf } from "./hook.ts";
import { readReport, type PushReport } from "./spool.ts";

export interface SpoolWatchOptions {
  /**
   * Handles one push; it is removed from the spool when the promise resolves, and delivered again if it rejects (or the
   * process dies first), so handling it twice must be harmless. Pushes of one repository come one at a time, oldest
   * first.
   */
  readonly take: (repositoryId: string, report: PushReport) => Promise<void>;
  readonly warn: (message: string, detail: Readonly<Record<string, unknown>>) => void;
  /** How often to poll, in milliseconds: notifications can be lost, and network file systems have none. */
  readonly intervalMs?: number;
}

interface Watched {
  readonly path: string;
  readonly watcher: FSWatcher | undefined;
  /** The scan in progress, and whether another must follow it. */
  scan: Promise<void> | undefined;
  again: boolean;
}

/** An unfinished report older than this was left by a push that died, in milliseconds. */
const staleAfter = 3_600_000;

/** Watches the spools of all repositories for pushes that their hooks report. */
export class SpoolWatch {
  readonly #options: SpoolWatchOptions;
  readonly #watched = new Map<string, Watched>();
  readonly #timer: NodeJS.Timeout;

  constructor(options: SpoolWatchOptions) {
    this.#options = options;
    this.#timer = setInterval(() => {
      for (const id of this.#watched.keys()) void this.scan(id);
    }, options.intervalMs ?? 10_000);
    this.#timer.unref();
  }

  /** Watches one more repository, and handles what is already in its spool. Resolves when that is done. */
  async add(id: string, path: string): Promise<void> {
    this.remove(id);
    let watcher: FSWatcher | undefined;
    try {
      watcher = watch(spoolOf(path), { persistent: false }, (_event, name) => {
        if (name?.startsWith(".") !== true) void this.scan(id);
      });
      watcher.on("error", (error) =>
        this.#options.warn("cannot watch the spool any more; polling it instead", {
          repository: id,
          error: error.message,
        }),
      );
    } catch (error) {
      this.#options.warn("cannot watch the spool; polling it instead", {
        repository: id,
        error: messageOf(error),
      });
    }
    this.#watched.set(id, { path, watcher, scan: undefined, again: false });
    await this.scan(id);
  }

  remove(id: string): void {
    this.#watched.get(id)?.watcher?.close();
    this.#watched.delete(id);
  }

  /** Handles everything in the spool now. Never rejects: what cannot be handled yet stays for the next time. */
  async scan(id: string): Promise<void> {
    const watched = this.#watched.get(id);
    if (watched === undefined) return;
    watched.again = true;
    watched.scan ??= this.#drain(id, watched).finally(() => {
      watched.scan = undefined;
    });
    await watched.scan;
  }

  /** Stops watching, and waits for the push in progress. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    const scans = [...this.#watched.values()].map((each) => each.scan);
    for (const id of this.#watched.keys()) this.remove(id);
    await Promise.all(scans);
  }

  async #drain(id: string, watched: Watched): Promise<void> {
    while (watched.again && this.#watched.get(id) === watched) {
      watched.again = false;
      const files = await reports(watched.path).catch((error: unknown) => {
        this.#options.warn("cannot read the spool; retrying", { repository: id, error: messageOf(error) });
        return [];
      });
      for (const file of files) {
        if (this.#watched.get(id) !== watched) return;
        // A failing push must not block those behind it.
        await this.#takeFile(id, file).catch((error: unknown) =>
          this.#options.warn("cannot handle a push; retrying", {
            repository: id,
            file,
            error: messageOf(error),
          }),
        );
      }
    }
  }

  async #takeFile(id: string, file: string): Promise<void> {
    try {
      await this.#options.take(id, await readReport(file));
    } catch (error) {
      // Written by someone else: reports of our hook are never rejected.
      if (!(error instanceof SluiceError) || error.code !== "call-invalid") throw error;
      this.#options.warn("rejected a push report", { repository: id, file, error: error.message });
    }
    await rm(file, { recursive: true, force: true });
  }
}

/** The reports in a spool, oldest first. Sweeps leftovers of pushes that died. */
async function reports(repository: string): Promise<readonly string[]> {
  const spool = spoolOf(repository);
  const found: { readonly path: string; readonly at: bigint }[] = [];
  for (const name of await readdir(spool)) {
    const path = join(spool, name);
    const about = await lstat(path, { bigint: true }).catch(() => undefined);
    if (about === undefined) continue;
    if (name.startsWith(".")) {
      if (Date.now() - Number(about.mtimeMs) > staleAfter) await rm(path, { recursive: true, force: true });
    } else found.push({ path, at: about.mtimeNs });
  }
  return found.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)).map((each) => each.path);
}
