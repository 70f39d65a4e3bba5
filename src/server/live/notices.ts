import { type Notice, SluiceError } from "../../model/index.ts";
import type { StorageProbe } from "../control/options.ts";

/**
 * How long nothing may fail for lack of space before a notice is cleared, in milliseconds: runners retry at least every
 * 5 s.
 */
const quiet = 10_000;

export interface NoticesOptions {
  readonly now: () => number;
  /** Checked thoroughly only while a notice is set. */
  readonly storage: StorageProbe;
  /** The notices have changed. */
  readonly changed: () => void;
}

/**
 * Problems that affect the whole server, for the page and for monitoring: its storage is full. A run then only shows
 * `running`, because its runner waits with its reports. A notice clears itself once there is space.
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

  /** Reports a failure; ignored unless it was for lack of space. */
  report(error: unknown): void {
    if (!(error instanceof SluiceError) || error.code !== "storage-full") return;
    this.#last = this.#options.now();
    if (this.#notice !== undefined) return;
    this.#notice = {
      code: error.code,
      message: error.message,
      since: new Date(this.#last).toISOString(),
      help: "Free space there. Running jobs wait with their output, and everything continues by itself.",
    };
    this.#options.changed();
  }

  /** Checks for space; called every few seconds. */
  async check(): Promise<void> {
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
