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
  readonly #sizes = new Map<string, Sizes>();

  constructor(options: { store: Store; logs: Logs; live: LiveHub; limits: Limits; now: () => number }) {
    this.#store = options.store;
    this.#logs = options.logs;
    this.#live = options.live;
    this.#limits = options.limits;
    this.#now = options.now;
  }

  /**
   * See RunnerChannel.log. What lies beyond a limit, the step's or the job's, is answered as stored and dropped, so that
   * a flood fills no disk and the job can go on; a notice stands at the log's end.
   */
  async log(
    runnerId: string,
    lease: Lease,
    step: number,
    offset: number,
    bytes: Uint8Array,
  ): Promise<{ readonly length: number }> {
    const job = await heldJob(this.#store, runnerId, lease);
    if (!Number.isInteger(step) || step < 0 || step >= this.#limits.steps)
      throw new SluiceError("call-invalid", `Step ${step} is beyond the limit of ${this.#limits.steps} steps.`);
    if (offset < 0 || !Number.isSafeInteger(offset + bytes.length))
      throw new SluiceError("call-invalid", `A log cannot go on at byte ${offset}.`);
    const sizes = await this.#sizesOf(job.id);
    const full = sizes.full.get(step);
    const { limit, whose } = full ?? this.#limitOf(sizes, step);
    const end = offset + bytes.length;
    if (full !== undefined && offset > limit) return { length: end };
    const { length, lines } = await this.#logs.append(
      lease.job,
      step,
      Math.min(offset, limit),
      offset > limit ? new Uint8Array() : bytes.subarray(0, limit - offset),
      this.#now(),
    );
    sizes.bytes.set(step, Math.min(length, limit));
    if (end > limit) {
      sizes.full.set(step, { limit, whose });
      await this.#logs.append(lease.job, step, limit, notice(limit, whose), this.#now());
    }
    crashPoint("control.after-log");
    this.#live.publishLog({ type: "log", run: job.runId, job: job.id, step, lines, bytes: length });
    return { length: end > limit ? end : length };
  }

  /** The job has ended: what is kept about it goes. */
  forget(job: string): void {
    this.#sizes.delete(job);
  }

  /** What each step of the job has stored; asked of the files once, which a restart makes necessary. */
  async #sizesOf(job: string): Promise<Sizes> {
    const known = this.#sizes.get(job);
    if (known !== undefined) return known;
    const steps = await this.#store.jobs.stepsOf([job]);
    const bytes = await Promise.all(
      steps.map(async ({ index }) => [index, (await this.#logs.size(job, index)).bytes] as const),
    );
    // Another write of the job may have been faster.
    const sizes = this.#sizes.get(job) ?? { bytes: new Map(bytes), full: new Map() };
    this.#sizes.set(job, sizes);
    return sizes;
  }

  /** How long a step's log may become, and whose limit that is. Never shorter than it is: what was acknowledged stays. */
  #limitOf({ bytes }: Sizes, step: number): Full {
    const mine = bytes.get(step) ?? 0;
    let others = -mine;
    for (const each of bytes.values()) others += each;
    const left = this.#limits.jobLogs - others;
    return left < this.#limits.log
      ? { limit: Math.max(left, mine), whose: "job" }
      : { limit: this.#limits.log, whose: "step" };
  }
}

/** Where a log was cut, and by whose limit. */
interface Full {
  readonly limit: number;
  readonly whose: "step" | "job";
}

interface Sizes {
  readonly bytes: Map<number, number>;
  readonly full: Map<number, Full>;
}

function notice(limit: number, whose: Full["whose"]): Uint8Array {
  const reached =
    whose === "step"
      ? `The log has reached its limit of ${limit} bytes`
      : "The logs of this job have reached their limit together";
  return Buffer.from(`\n::warning::${reached}; what follows is dropped.\n`);
}
