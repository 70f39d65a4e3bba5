import * as z from "zod";
import type { JobRow, Logs, RunChange, StepRow, Store } from "../../store/index.ts";
import type { RunService } from "./runs.ts";

/** Between two looks that are this far apart, in milliseconds, the machine slept or the process stood still. */
const pause = 5000;

/** Of what an assignment was made of: the job's own limit. */
const limitSchema = z.object({ timeoutMinutes: z.number().positive() });

interface Watched {
  readonly fence: number;
  /** When it was seen first, on the clock that only grows. */
  readonly since: number;
  beat: number | undefined;
  /** When a new heartbeat was noticed last, on the clock that only grows. */
  heard: number;
}

/**
 * Finds jobs whose runner is silent. It goes by when it noticed a heartbeat itself, on a clock that only grows:
 * a clock that jumps kills nobody, and after a start or a sleep of the machine every runner has the whole time
 * to come back.
 */
export class Reaper {
  readonly #store: Store;
  readonly #runs: RunService;
  readonly #monotonic: () => number;
  readonly #silence: number;
  readonly #overtime: number;
  readonly #logs: Logs;
  readonly #lost: (job: JobRow) => void;
  readonly #watched = new Map<string, Watched>();
  #last: number | undefined;

  constructor(options: {
    store: Store;
    logs: Logs;
    runs: RunService;
    monotonic: () => number;
    silence: number;
    overtime: number;
    lost: (job: JobRow) => void;
  }) {
    this.#store = options.store;
    this.#runs = options.runs;
    this.#monotonic = options.monotonic;
    this.#silence = options.silence;
    this.#overtime = options.overtime;
    this.#logs = options.logs;
    this.#lost = options.lost;
  }

  /** Looks once; to be called every second. Jobs of silent runners are lost; those that are held far beyond their limit have failed. */
  async look(): Promise<void> {
    const now = this.#monotonic();
    const slept = this.#last !== undefined && now - this.#last > pause;
    this.#last = now;
    const running = await this.#store.jobs.running();
    const ids = new Set(running.map((job) => job.id));
    for (const id of this.#watched.keys()) if (!ids.has(id)) this.#watched.delete(id);
    for (const job of running) {
      const watched = this.#watched.get(job.id);
      if (watched === undefined || slept || watched.fence !== job.fence || watched.beat !== job.heartbeatAt) {
        const since = watched?.fence === job.fence ? watched.since : now;
        this.#watched.set(job.id, { fence: job.fence, since, beat: job.heartbeatAt, heard: now });
      } else if (now - watched.heard >= this.#silence) {
        this.#watched.delete(job.id);
        await this.#lose(job, `its runner was silent for ${Math.round(this.#silence / 1000)} s`);
        continue;
      }
      const limit = limitSchema.safeParse(job.detail);
      if (
        watched !== undefined &&
        limit.success &&
        now - watched.since >= limit.data.timeoutMinutes * 60_000 + this.#overtime
      ) {
        await this.#timeOut(
          job,
          `it ran for longer than its limit of ${limit.data.timeoutMinutes} minutes, and its runner did not stop it`,
        );
      }
    }
  }

  /**
   * The job's runner was heard of just now. The stored heartbeat tells it to other servers; this tells it here, also when
   * nothing can be stored: a full disk must not cost anybody a job.
   */
  heard(id: string): void {
    const watched = this.#watched.get(id);
    if (watched !== undefined) watched.heard = this.#monotonic();
  }

  /**
   * The runner's process is gone for certain. Jobs of which it had reported nothing are queued again: none of
   * their steps is known to have begun. The others are lost.
   */
  async release(runnerId: string, reason: string): Promise<void> {
    for (const job of await this.#store.jobs.running()) {
      if (job.runnerId !== runnerId) continue;
      if (job.reported === 0 && (await this.#queueAgain(job))) continue;
      await this.#lose(job, reason);
    }
  }

  /** The job was taken, and its runner went away before it could be told: the next one may have it, without waiting for silence. */
  async withdraw(id: string): Promise<void> {
    const job = await this.#store.jobs.byId(id);
    if (job?.status === "running" && job.reported === 0) await this.#queueAgain(job);
  }

  /** Possible while the run does not know of the start, and the job has said nothing: a second one must not write into its log. */
  async #queueAgain(job: JobRow): Promise<boolean> {
    let possible = false;
    await this.#runs.change(job.runId, async (run) => {
      const steps =
        run.plans.find((plan) => plan.workflow === job.workflow)?.jobs.find((each) => each.id === job.job)?.steps
          .length ?? 0;
      // One more than it has: the set-up that a runner may add.
      for (let step = 0; step <= steps; step += 1) if ((await this.#logs.size(job.id, step)).bytes > 0) return {};
      const entry = run.stored.engine.jobs.find((each) => each.key === job.key && each.attempt === job.attempt);
      possible = entry?.status === "queued";
      return possible ? { withdrawn: job.key, jobs: [{ id: job.id, runId: job.runId, status: "queued" }] } : {};
    });
    return possible;
  }

  async #lose(job: JobRow, reason: string): Promise<void> {
    await this.#runs.change(job.runId, async () => {
      const steps = await this.#store.jobs.stepsOf([job.id]);
      return {
        inputs: [{ type: "job.lost", key: job.key, attempt: job.attempt, reason }],
        steps: ended(steps, reason),
      };
    });
    this.#lost(job);
  }

  /** The runner hears of it by its next call, which is refused: it drops the job then. */
  async #timeOut(job: JobRow, reason: string): Promise<void> {
    await this.#runs.change(job.runId, async () => {
      const { key, attempt } = job;
      const steps = await this.#store.jobs.stepsOf([job.id]);
      return {
        inputs: [
          { type: "job.started", key, attempt },
          { type: "job.finished", key, attempt, status: "failure", outputs: {}, reason },
        ],
        steps: ended(steps, reason),
      };
    });
    this.#lost(job);
  }
}

/** How the steps of a job end that ends without its runner: what ran was cut off, what had not begun never will. */
function ended(steps: readonly StepRow[], reason: string): RunChange["steps"] {
  const open = steps.filter((step) => step.status === "running" || step.status === "pending");
  return open.map((step) => ({
    jobId: step.jobId,
    index: step.index,
    status: step.status === "running" ? ("cancelled" as const) : ("skipped" as const),
    reason,
  }));
}
