import { watch, type FSWatcher } from "node:fs";
import { lstat, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { SluiceError, messageOf } from "../../model/index.ts";
import { spoolOf } from "./hook.ts";
import { readReport, type PushReport } from "./spool.ts";

export interface SpoolWatchOptions {
  /**
   * Takes one push; it is removed from the spool when the promise is fulfilled, and comes again when it is rejected
   * (or when the process dies first), so taking it twice must be harmless. Pushes of one repository come one at a time, oldest first.
   */
  readonly take: (repositoryId: string, report: PushReport) => Promise<void>;
  readonly warn: (message: string, detail: Readonly<Record<string, unknown>>) => void;
  /** How often to look without being told, in milliseconds: notifications can be lost, and network file systems have none. */
  readonly intervalMs?: number;
}

interface Watched {
  readonly path: string;
  readonly watcher: FSWatcher | undefined;
  /** The scan under way, and whether another must follow it. */
  scan: Promise<void> | undefined;
  again: boolean;
}

/** An unfinished report that is older than this was left by a push that died, in milliseconds. */
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

  /** Watches one more repository, and takes what lies in its spool already. Fulfilled when that is done. */
  async add(id: string, path: string): Promise<void> {
    this.remove(id);
    let watcher: FSWatcher | undefined;
    try {
      watcher = watch(spoolOf(path), { persistent: false }, (_event, name) => {
        if (name?.startsWith(".") !== true) void this.scan(id);
      });
      watcher.on("error", (error) =>
        this.#options.warn("the spool cannot be watched any more; it is looked at from time to time", {
          repository: id,
          error: error.message,
        }),
      );
    } catch (error) {
      this.#options.warn("the spool cannot be watched; it is looked at from time to time", {
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

  /** Takes all that lies in the spool now. Never rejects: what cannot be taken yet stays for the next time. */
  async scan(id: string): Promise<void> {
    const watched = this.#watched.get(id);
    if (watched === undefined) return;
    watched.again = true;
    watched.scan ??= this.#drain(id, watched).finally(() => {
      watched.scan = undefined;
    });
    await watched.scan;
  }

  /** Stops watching, and waits for what is being taken. */
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
        this.#options.warn("the spool cannot be read; it is tried again", { repository: id, error: messageOf(error) });
        return [];
      });
      for (const file of files) {
        if (this.#watched.get(id) !== watched) return;
        // One push that fails must not hold up those behind it.
        await this.#takeFile(id, file).catch((error: unknown) =>
          this.#options.warn("a push could not be taken; it is tried again", {
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
      // Somebody else's scribbling: a report of our hook is never refused.
      if (!(error instanceof SluiceError) || error.code !== "call-invalid") throw error;
      this.#options.warn("a push report was refused", { repository: id, file, error: error.message });
    }
    await rm(file, { recursive: true, force: true });
  }
}

/** The reports in a spool, oldest first. Leftovers of pushes that died are swept away. */
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
