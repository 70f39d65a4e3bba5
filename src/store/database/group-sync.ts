import { type FileHandle, open } from "node:fs/promises";
import { SluiceError, messageOf } from "../../model/index.ts";

/**
 * Brings commits to the disk, off the thread: those that come while one sync is under way share the next.
 *
 * A sync that fails makes every later one fail, too: Linux may have dropped the pages that could not be written, and
 * says so only once (https://www.postgresql.org/docs/current/wal-reliability.html), so nothing may count as stored until
 * the database was opened anew.
 */
export class GroupSync {
  readonly #sync: () => Promise<void>;
  /** The sync that has begun last. */
  #begun: Promise<void> | undefined;
  /** The one that begins when it ends; it covers all who have asked until then. */
  #next: Promise<void> | undefined;

  constructor(sync: () => Promise<void>) {
    this.#sync = sync;
  }

  /** Resolves when what was written before the call is on the disk. */
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

/** Syncs the write-ahead log of a SQLite database. It is there from the first commit until the last connection closes. */
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
        `The database's log ${this.#path} cannot be brought to the disk: ${messageOf(error)}.`,
        {
          cause: error,
          help: "What was written lately may be lost. Look at the disk and its messages (dmesg), then start the server again.",
        },
      );
    }
  }

  async close(): Promise<void> {
    await this.#file?.close();
  }
}
