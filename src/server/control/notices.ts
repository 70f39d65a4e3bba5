import { type Notice, SluiceError } from "../../model/index.ts";
import type { StorageProbe } from "./options.ts";

/** How long nothing may have failed for want of space before a notice goes, in milliseconds: runners try again every 5 s at most. */
const quiet = 10_000;

export interface NoticesOptions {
  readonly now: () => number;
  /** Asked thoroughly only while a notice stands. */
  readonly storage: StorageProbe;
  /** The notices are others than before. */
  readonly changed: () => void;
}

/**
 * What keeps the whole server from its work, for the page and for whoever watches: that its storage is full. A run then
 * only says `running`, because its runner waits with what it has to say. A notice goes by itself, once there is space.
 */
export class Notices {
  readonly #options: NoticesOptions;
  #notice: Notice | undefined;
  #last = 0;

  constructor(options: NoticesOptions) {
    this.#options = options;
  }

  get list(): readonly Notice[] {
    return this.#notice === undefined ? [] : [this.#notice];
  }

  /** Something failed; nothing happens unless it was for want of space. */
  report(error: unknown): void {
    if (!(error instanceof SluiceError) || error.code !== "storage-full") return;
    this.#last = this.#options.now();
    if (this.#notice !== undefined) return;
    this.#notice = {
      code: error.code,
      message: error.message,
      since: new Date(this.#last).toISOString(),
      help: "Free space there. Jobs that run wait with their output, and everything goes on by itself.",
    };
    this.#options.changed();
  }

  /** Looks whether there is space; to be called every few seconds. */
  async look(): Promise<void> {
    try {
      await this.#options.storage.check(this.#notice !== undefined);
    } catch (error) {
      return this.report(error);
    }
    if (this.#notice === undefined || this.#options.now() - this.#last < quiet) return;
    this.#notice = undefined;
    this.#options.changed();
  }
}
