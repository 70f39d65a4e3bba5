import { isTerminal, type Lease, SluiceError } from "../../model/index.ts";
import type { JobRow, Logs, RunChange, Store } from "../../store/index.ts";
import { crashPoint, type Runs } from "../../transition/index.ts";

/**
 * The life of a lease after a job was taken, in two phases: a job that was **taken** has not begun, and can be queued
 * again; its runner **begins** it, which is committed before the runner starts its first process, and from then on the
 * runner has the job until it ends or is lost. Both are transitions of the run, so exactly one of "begin" and "queue
 * again" happens.
 */
export class Leases {
  readonly #store: Store;
  readonly #logs: Logs;
  readonly #runs: Runs;
  readonly #now: () => number;

  constructor(options: {
    readonly store: Store;
    readonly logs: Logs;
    readonly runs: Runs;
    readonly now: () => number;
  }) {
    this.#store = options.store;
    this.#logs = options.logs;
    this.#runs = options.runs;
    this.#now = options.now;
  }

  /** See RunnerChannel.begin. Rejects with `lease-stale`. */
  async begin(runnerId: string, lease: Lease): Promise<void> {
    const first = await heldJob(this.#store, runnerId, lease);
    if (first.begunAt !== undefined) return;
    await this.#runs.change(first.runId, async () => {
      const { id, runId, begunAt } = await heldJob(this.#store, runnerId, lease);
      const now = this.#now();
      return begunAt === undefined ? { jobs: [{ id, runId, begunAt: now, startedAt: now, heartbeatAt: now }] } : {};
    });
    crashPoint("control.after-begin");
  }

  /** The runner disconnected before it received the job: the next one can have it, unless it was begun after all. */
  async withdraw(id: string): Promise<void> {
    const job = await this.#store.jobs.byId(id);
    if (job?.status === "running") await this.#queueAgain(job);
  }

  /**
   * The job's runner is gone, or silent for so long that it counts as gone. A job that it did not begin is queued
   * again; one that it did is lost, and retried only if its plan says so. Returns whether it is lost.
   */
  async end(job: JobRow, reason: string): Promise<boolean> {
    if (await this.#queueAgain(job)) return false;
    await this.#runs.change(job.runId, async () => {
      const steps = await this.#endedSteps(job, reason);
      return { inputs: [{ type: "job.lost", key: job.key, attempt: job.attempt, reason }], steps };
    });
    return true;
  }

  /** Fails a job without its runner, whose next call is refused. */
  async fail(job: JobRow, reason: string): Promise<void> {
    await this.#runs.change(job.runId, async () => {
      const { key, attempt } = job;
      const steps = await this.#endedSteps(job, reason);
      return { inputs: [{ type: "job.finished", key, attempt, status: "failure", outputs: {}, reason }], steps };
    });
  }

  /**
   * How the steps of a job end that ends without its runner: running ones were cut off, the others never begin. Output
   * proves that a step ran, whether its start was reported or not.
   */
  async #endedSteps({ id, planned }: JobRow, reason: string): Promise<RunChange["steps"]> {
    const rows = new Map((await this.#store.jobs.stepsOf([id])).map((row) => [row.index, row]));
    const spoken = new Set(await this.#logs.steps(id));
    return [...new Set([...rows.keys(), ...spoken])].flatMap((index) => {
      const row = rows.get(index);
      if (row !== undefined && isTerminal(row.status)) return [];
      const ran = row?.status === "running" || spoken.has(index);
      const names = row === undefined ? planned[index] : undefined;
      return [
        {
          jobId: id,
          index,
          status: ran ? ("cancelled" as const) : ("skipped" as const),
          reason,
          ...(names === undefined ? {} : { id: names.id, name: names.name }),
        },
      ];
    });
  }

  async #queueAgain({ id, runId, key, attempt, fence }: JobRow): Promise<boolean> {
    const { written } = await this.#runs.change(runId, async ({ stored }) => {
      const job = await this.#store.jobs.byId(id);
      const unbegun = job?.status === "running" && job.fence === fence && job.begunAt === undefined;
      return unbegun && stored.rows[key] === id ? { inputs: [{ type: "job.returned", key, attempt }] } : {};
    });
    return written;
  }
}

/**
 * The job's row, if the caller holds it: its runner, its fencing number, not ended. Otherwise rejects with
 * `lease-stale`, whether the job belongs to another, is unknown or has ended.
 */
export async function heldJob(store: Store, runnerId: string, lease: Lease): Promise<JobRow> {
  const row = await store.jobs.byId(lease.job);
  if (row === undefined || !isHolder(row, runnerId, lease) || row.status !== "running") throw stale(lease);
  return row;
}

/** Whether the runner and the lease have, or last had, the job. */
export function isHolder(row: JobRow, runnerId: string, lease: Lease): boolean {
  return runnerId !== "" && row.runnerId === runnerId && row.fence === lease.fence;
}

/** The error of a call about a job that the caller no longer holds. */
export function stale(lease: Lease): SluiceError {
  return new SluiceError("lease-stale", `The lease ${lease.fence} of the job ${lease.job} is no longer valid.`);
}
