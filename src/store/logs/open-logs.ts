import { sep } from "node:path";
import { StepLog } from "./step-log.ts";

interface Opened {
  readonly log: Promise<StepLog>;
  users: number;
}

/** The logs with open files: the least recently used is closed first, never one in use. */
export class OpenLogs {
  readonly #limit: number;
  readonly #opened = new Map<string, Opened>();
  /** Logs being closed: reopening one waits until its files are closed. */
  readonly #leaving = new Map<string, Promise<void>>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Uses a log, which stays open meanwhile. */
  async use<T>(base: string, work: (log: StepLog) => Promise<T>): Promise<T> {
    let opened = this.#opened.get(base);
    if (opened === undefined) {
      const log = (this.#leaving.get(base) ?? Promise.resolve()).then(() => StepLog.open(base));
      opened = { log, users: 0 };
    } else {
      this.#opened.delete(base);
    }
    this.#opened.set(base, opened);
    opened.users += 1;
    try {
      return await work(await opened.log);
    } catch (error) {
      // A log that could not be opened is not kept, and is retried next time.
      if (await failed(opened.log)) this.#opened.delete(base);
      throw error;
    } finally {
      opened.users -= 1;
      this.#closeSurplus();
    }
  }

  /** Closes all logs in a folder. Only for logs that nobody writes to any more. */
  async forget(folder: string): Promise<void> {
    const within = `${folder}${sep}`;
    for (const [base, opened] of this.#opened) if (base.startsWith(within)) this.#leave(base, opened);
    await Promise.all([...this.#leaving].filter(([base]) => base.startsWith(within)).map(([, done]) => done));
  }

  #closeSurplus(): void {
    for (const [base, opened] of this.#opened) {
      if (this.#opened.size <= this.#limit) return;
      if (opened.users === 0) this.#leave(base, opened);
    }
  }

  #leave(base: string, opened: Opened): void {
    this.#opened.delete(base);
    const done = opened.log
      .then((log) => log.release())
      .catch(() => {
        // It could not be opened, which its user was told, or its files could not be closed: nothing is left to do.
      })
      .finally(() => {
        if (this.#leaving.get(base) === done) this.#leaving.delete(base);
      });
    this.#leaving.set(base, done);
  }
}

async function failed(log: Promise<StepLog>): Promise<boolean> {
  return log.then(
    () => false,
    () => true,
  );
}
