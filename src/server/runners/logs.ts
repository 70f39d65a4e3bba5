import { type Lease, SluiceError } from "../../model/index.ts";
import type { Logs, LogSize, Store } from "../../store/index.ts";
import { crashPoint, type Delivery, logComplete } from "../../transition/index.ts";
import { heldJob, type Leases } from "./leases.ts";
import type { Limits } from "../control/limits.ts";
import type { LiveHub } from "../live/hub.ts";

/** Where a log was cut, and by which limit. */
interface Full {
  readonly limit: number;
  readonly whose: "step" | "job";
}

/** What is known about the logs of one running job. */
interface JobLogs {
  readonly run: string;
  readonly sizes: Map<number, LogSize>;
  readonly full: Map<number, Full>;
  /** Steps whose row does not have the current log size yet. */
  readonly grown: Set<number>;
}

type LogsComplete = ReturnType<(typeof logComplete)["body"]["decode"]>;

/** Receives the output of steps, updates their stored log sizes, and closes the logs of finished steps. */
export class LogIntake {
  readonly #store: Store;
  readonly #logs: Logs;
  readonly #live: LiveHub;
  readonly #leases: Leases;
  readonly #limits: Limits;
  readonly #now: () => number;
  readonly #jobs = new Map<string, JobLogs>();
  /** Writes under way, by job: one that began while the job ran may reach its file after the job's end. */
  readonly #writing = new Map<string, Set<Promise<unknown>>>();

  constructor(options: {
    readonly store: Store;
    readonly logs: Logs;
    readonly live: LiveHub;
    readonly leases: Leases;
    readonly limits: Limits;
    readonly now: () => number;
  }) {
    this.#store = options.store;
    this.#logs = options.logs;
    this.#live = options.live;
    this.#leases = options.leases;
    this.#limits = options.limits;
    this.#now = options.now;
  }

  /** Registers the delivery of messages about complete logs. */
  register(delivery: Delivery): void {
    delivery.on(logComplete, { deliver: (body) => this.#complete(body) });
  }

  /**
   * See RunnerChannel.log. Output beyond a limit, the step's or the job's, is acknowledged and dropped, so that a flood
   * fills no disk and the job can continue; a notice is added at the log's end.
   */
  async log(
    runnerId: string,
    lease: Lease,
    step: number,
    offset: number,
    bytes: Uint8Array,
  ): Promise<{ readonly length: number }> {
    const writing = this.#writing.get(lease.job) ?? new Set();
    this.#writing.set(lease.job, writing);
    const write = this.#write(runnerId, lease, step, offset, bytes);
    writing.add(write);
    try {
      return await write;
    } finally {
      writing.delete(write);
      if (writing.size === 0) this.#writing.delete(lease.job);
    }
  }

  async #write(
    runnerId: string,
    lease: Lease,
    step: number,
    offset: number,
    bytes: Uint8Array,
  ): Promise<{ readonly length: number }> {
    const row = await heldJob(this.#store, runnerId, lease);
    if (!Number.isInteger(step) || step < 0 || step >= this.#limits.steps)
      throw new SluiceError("call-invalid", `Step ${step} exceeds the limit of ${this.#limits.steps} steps.`);
    if (offset < 0 || !Number.isSafeInteger(offset + bytes.length))
      throw new SluiceError("call-invalid", `A log cannot continue at byte ${offset}.`);
    // Output proves that the job was begun.
    if (row.begunAt === undefined) await this.#leases.begin(runnerId, lease);
    const job = await this.#jobLogs(row.id, row.runId);
    const full = job.full.get(step);
    const { limit, whose } = full ?? this.#limitOf(job, step);
    const end = offset + bytes.length;
    if (full !== undefined && offset > limit) return { length: end };
    const content = offset > limit ? new Uint8Array() : bytes.subarray(0, limit - offset);
    const { length, lines } = await this.#logs.append(row.id, step, Math.min(offset, limit), content, this.#now());
    job.sizes.set(step, { lines, bytes: Math.min(length, limit) });
    if (end > limit) {
      job.full.set(step, { limit, whose });
      const cut = await this.#logs.append(row.id, step, limit, notice(limit, whose), this.#now());
      job.sizes.set(step, { lines: cut.lines, bytes: limit });
    }
    job.grown.add(step);
    crashPoint("control.after-log");
    this.#live.publishLog({ type: "log", run: row.runId, job: row.id, step, lines, bytes: length });
    return { length: end > limit ? end : length };
  }

  /** The log size of a step of a running job; undefined if nothing has arrived since the server started. */
  size(job: string, step: number): LogSize | undefined {
    const logs = this.#jobs.get(job);
    return logs?.full.has(step) === true ? undefined : logs?.sizes.get(step);
  }

  /** Stores the current sizes of growing logs; called every second. */
  async note(): Promise<void> {
    for (const [jobId, { sizes, grown }] of this.#jobs) {
      const steps = [...grown];
      grown.clear();
      const noted = steps.flatMap((step) => ({ jobId, step, ...(sizes.get(step) ?? { lines: 0, bytes: 0 }) }));
      if (noted.length > 0) await this.#store.jobs.logSizes(noted);
    }
  }

  async #complete({ job, run, steps }: LogsComplete): Promise<undefined> {
    // Writes that come later are refused: the end was committed before this message.
    await Promise.allSettled(this.#writing.get(job) ?? []);
    if (steps === null) this.#jobs.delete(job);
    // All with output: a step may have printed before its start was reported.
    const ended = steps ?? (await this.#logs.steps(job));
    if (ended.length === 0) return undefined;
    const rows = await this.#store.jobs.stepsOf([job]);
    for (const step of ended) {
      const { lines, bytes } = await this.#logs.size(job, step);
      if (bytes === 0) continue;
      await this.#logs.close(job, step);
      const known = rows.find(({ index }) => index === step)?.log;
      if (known?.bytes !== bytes || known.lines !== lines)
        await this.#store.jobs.logSizes([{ jobId: job, step, lines, bytes }]);
      // Tells readers who follow the log that it is complete.
      this.#live.publishLog({ type: "log", run, job, step, lines, bytes });
    }
    return undefined;
  }

  /** Asks the files once, which is necessary after a restart. */
  async #jobLogs(id: string, run: string): Promise<JobLogs> {
    const known = this.#jobs.get(id);
    if (known !== undefined) return known;
    const steps = await this.#store.jobs.stepsOf([id]);
    const sizes = await Promise.all(
      steps.map(async ({ index }) => {
        const { lines, bytes } = await this.#logs.size(id, index);
        return [index, { lines, bytes }] as const;
      }),
    );
    // Another write of the job may have been faster.
    const logs = this.#jobs.get(id) ?? { run, sizes: new Map(sizes), full: new Map(), grown: new Set() };
    this.#jobs.set(id, logs);
    return logs;
  }

  /** The size limit of a step's log, and which limit it is. Never below its current size: acknowledged output stays. */
  #limitOf({ sizes }: JobLogs, step: number): Full {
    const mine = sizes.get(step)?.bytes ?? 0;
    let others = -mine;
    for (const { bytes } of sizes.values()) others += bytes;
    const left = this.#limits.jobLogs - others;
    return left < this.#limits.log
      ? { limit: Math.max(left, mine), whose: "job" }
      : { limit: this.#limits.log, whose: "step" };
  }
}

function notice(limit: number, whose: Full["whose"]): Uint8Array {
  const reached =
    whose === "step"
      ? `The log has reached its limit of ${limit} bytes`
      : "The logs of this job have reached their limit together";
  return Buffer.from(`\n::warning::${reached}; what follows is dropped.\n`);
}
