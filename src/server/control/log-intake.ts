import type { Lease } from "../../model/index.ts";
import { SluiceError } from "../../model/index.ts";
import type { Logs, Store } from "../../store/index.ts";
import { crashPoint } from "./crash.ts";
import { heldJob } from "./hold.ts";
import type { Limits } from "./limits.ts";
import type { LiveHub } from "./live.ts";

/** Takes in the output of steps. */
export class LogIntake {
  readonly #store: Store;
  readonly #logs: Logs;
  readonly #live: LiveHub;
  readonly #limits: Limits;
  readonly #now: () => number;

  constructor(options: { store: Store; logs: Logs; live: LiveHub; limits: Limits; now: () => number }) {
    this.#store = options.store;
    this.#logs = options.logs;
    this.#live = options.live;
    this.#limits = options.limits;
    this.#now = options.now;
  }

  /**
   * See RunnerChannel.log. What lies beyond the limit is answered as stored and dropped, so that a flood fills
   * no disk and the job can go on; a notice stands at the log's end.
   */
  async log(runnerId: string, lease: Lease, step: number, offset: number, bytes: Uint8Array): Promise<{ readonly length: number }> {
    const job = await heldJob(this.#store, runnerId, lease);
    if (!Number.isInteger(step) || step < 0 || step >= this.#limits.steps) throw new SluiceError("call-invalid", `Step ${step} is beyond the limit of ${this.#limits.steps} steps.`);
    if (offset < 0 || !Number.isSafeInteger(offset + bytes.length)) throw new SluiceError("call-invalid", `A log cannot go on at byte ${offset}.`);
    const limit = this.#limits.log;
    const end = offset + bytes.length;
    if (offset > limit) return { length: end };
    const { length, lines } = await this.#logs.append(lease.job, step, offset, end > limit ? bytes.subarray(0, limit - offset) : bytes, this.#now());
    if (end > limit) await this.#logs.append(lease.job, step, limit, notice(limit), this.#now());
    crashPoint("control.after-log");
    this.#live.publishLog({ type: "log", run: job.runId, job: job.id, step, lines, bytes: length });
    return { length: end > limit ? end : length };
  }
}

function notice(limit: number): Uint8Array {
  return Buffer.from(`\n::warning::The log has reached its limit of ${limit} bytes; what follows is dropped.\n`);
}
