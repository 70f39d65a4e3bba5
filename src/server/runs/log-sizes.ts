import { isTerminal } from "../../model/index.ts";
import type { Logs, Store } from "../../store/index.ts";
import { type Delivery, logsMeasure } from "../../transition/index.ts";

/**
 * Stores the log sizes that an earlier version kept only in files, and closes the logs of steps whose end was not
 * reported. The database upgrade leaves a message per run.
 */
export class LogSizes {
  readonly #store: Store;
  readonly #logs: Logs;

  constructor(options: { readonly store: Store; readonly logs: Logs }) {
    this.#store = options.store;
    this.#logs = options.logs;
  }

  register(delivery: Delivery): void {
    delivery.on(logsMeasure, { deliver: ({ run }) => this.#measure(run) });
  }

  async #measure(run: string): Promise<undefined> {
    const jobs = await this.#store.jobs.ofRun(run);
    const steps = await this.#store.jobs.stepsOf(jobs.map((job) => job.id));
    const ended = new Set(
      steps.filter(({ status }) => isTerminal(status)).map(({ jobId, index }) => `${jobId}/${index}`),
    );
    const sizes = [];
    for (const { id, status } of jobs) {
      for (const step of await this.#logs.steps(id)) {
        const { lines, bytes } = await this.#logs.size(id, step);
        if (isTerminal(status) || ended.has(`${id}/${step}`)) await this.#logs.close(id, step);
        sizes.push({ jobId: id, step, lines, bytes });
      }
    }
    if (sizes.length > 0) await this.#store.jobs.logSizes(sizes);
    return undefined;
  }
}
