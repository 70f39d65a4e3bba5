import { type FileHandle, open } from "node:fs/promises";
import { SluiceError, messageOf } from "../../model/index.ts";

/**
 * Syncs commits to the disk, off the thread: commits that arrive during a sync share the next one.
 *
 * After a failed sync every later one fails too: Linux may have dropped the pages that could not be written, and
 * reports it only once (https://www.postgresql.org/docs/current/wal-reliability.html), so nothing may count as stored
 * until the database is opened again.
 */
export class GroupSync {
  readonly #sync: () => Promise<void>;
  /** The sync that started last. */
  #begun: Promise<void> | undefined;
  /** The sync that starts when it ends; it covers everyone who has asked until then. */
  #next: Promise<void> | undefined;

  constructor(sync: () => Promise<void>) {
    this.#sync = sync;
  }

  /** Resolves when everything written before the call is on the disk. */
  reached(): Promise<void> {
    this.#next ??= this.#follow(this.#begun);
    return this.#next;
  }

  async #follow(before: Promise<void> | undefined): Promise<void> {
    await before;
    this.#begun = this.#next;
    this.#next = undefined;
    await this.#sync();
  }
}

/**
 * Syncs the write-ahead log of a SQLite database. The log exists from the first commit until the last connection
 * closes.
 */
export class LogFile {
  readonly #path: string;
  #file: FileHandle | undefined;

  constructor(database: string) {
    this.#path = `${database}-wal`;
  }

  /** Throws `storage-broken`. */
  async sync(): Promise<void> {
    try {
      this.#file ??= await open(this.#path, "r");
      await this.#file.datasync();
    } catch (error) {
      throw new SluiceError(
        "storage-broken",
        `Cannot sync the database's log ${this.#path} to the disk: ${messageOf(error)}.`,
        {
          cause: error,
          help: "Recent writes may be lost. Check the disk and its messages (dmesg), then restart the server.",
        },
      );
    }
  }

  async close(): Promise<void> {
    await this.#file?.close();
  }
}
