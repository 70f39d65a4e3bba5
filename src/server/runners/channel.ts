import { type Lease, SluiceError } from "../../model/index.ts";
import type { RunnerChannel } from "../../runner/index.ts";
import type { Store } from "../../store/index.ts";
import type { Signals } from "../../transition/index.ts";
import type { Dispatch } from "./dispatch.ts";
import { heldJob, type Leases, stale } from "./leases.ts";
import type { Limits } from "../control/limits.ts";
import type { LogIntake } from "./logs.ts";
import type { Reports } from "./reports.ts";
import type { Runners } from "./runners.ts";
import type { Transfers } from "./transfers.ts";
import { makeWaiter, type Waiter } from "./waiting.ts";

export interface ChannelParts {
  readonly store: Store;
  readonly dispatch: Dispatch;
  readonly leases: Leases;
  readonly signals: Signals;
  readonly reports: Reports;
  readonly logs: LogIntake;
  readonly transfers: Transfers;
  readonly runners: Runners;
  readonly limits: Limits;
  readonly now: () => number;
  /** Called with failed requests. */
  readonly onFailure: (error: unknown) => void;
  /** Called with every heartbeat of a valid lease, before it is stored. */
  readonly beats: (job: string) => void;
}

/**
 * The server's side of the runner protocol. Every call is bound to the runner that makes it: a lease of another
 * runner's job is as stale as an old one.
 */
export class RunnerService {
  readonly #parts: ChannelParts;
  readonly #beating = new Map<string, Set<Waiter>>();
  /**
   * Leases already told about their cancel: a second heartbeat waits again, or the runner would send them without a
   * pause.
   */
  readonly #told = new Set<string>();
  readonly #ignore: () => void;
  #closed = false;

  constructor(parts: ChannelParts) {
    this.#parts = parts;
    this.#ignore = parts.signals.listen((signal) => {
      if (signal.type === "cancelled") this.#cancel(signal.jobs);
    });
  }

  /** The calls of one runner. */
  channelFor(runnerId: string): RunnerChannel {
    const { dispatch, leases, reports, logs, transfers, runners, onFailure } = this.#parts;
    const noted = async <T>(call: Promise<T>): Promise<T> => {
      try {
        return await call;
      } catch (error) {
        onFailure(error);
        throw error;
      }
    };
    return {
      lease: async (offer, signal) => {
        if (runnerId === "") throw new SluiceError("forbidden", "Only a runner can lease jobs.");
        runners.seen(runnerId, offer.labels);
        return noted(dispatch.lease(runnerId, offer, signal));
      },
      begin: (lease) => noted(leases.begin(runnerId, lease)),
      heartbeat: (lease, signal) => noted(this.#heartbeat(runnerId, lease, signal)),
      report: (lease, from, entries) => noted(reports.report(runnerId, lease, from, entries)),
      log: (lease, step, offset, bytes) => noted(logs.log(runnerId, lease, step, offset, bytes)),
      uploadArtifact: (lease, name, content, options) =>
        noted(transfers.uploadArtifact(runnerId, lease, name, content, options)),
      listArtifacts: (lease) => transfers.listArtifacts(runnerId, lease),
      downloadArtifact: (lease, name) => transfers.downloadArtifact(runnerId, lease, name),
      restoreCache: (lease, key, restoreKeys, version) =>
        transfers.restoreCache(runnerId, lease, key, restoreKeys, version),
      saveCache: (lease, key, version, content) => noted(transfers.saveCache(runnerId, lease, key, version, content)),
    };
  }

  async #heartbeat(runnerId: string, lease: Lease, signal: AbortSignal): Promise<{ readonly cancel: boolean }> {
    const { store, limits, now, runners, beats } = this.#parts;
    const waiter = makeWaiter();
    const waiting = this.#beating.get(lease.job) ?? new Set();
    this.#beating.set(lease.job, waiting.add(waiter));
    try {
      const job = await heldJob(store, runnerId, lease);
      runners.seen(runnerId);
      beats(lease.job);
      // The heartbeat right after the beginning need not be written: the beginning counts as one.
      const first = job.heartbeatAt !== undefined && job.heartbeatAt === job.begunAt;
      if (!first && !(await store.jobs.heartbeat(lease.job, lease.fence, now()))) throw stale(lease);
      const mark = `${lease.job}/${lease.fence}`;
      const told = this.#told.has(mark);
      if (!job.cancelRequested || told) await waiter.wait(limits.heartbeatWait, signal);
      const cancel = told || job.cancelRequested || (waiter.woken && !this.#closed && (await this.#isCancelled(lease)));
      if (cancel) this.#told.add(mark);
      return { cancel };
    } finally {
      waiting.delete(waiter);
      if (waiting.size === 0) this.#beating.delete(lease.job);
    }
  }

  /** A signal is a hint: the row decides. */
  async #isCancelled({ job }: Lease): Promise<boolean> {
    return (await this.#parts.store.jobs.byId(job))?.cancelRequested ?? false;
  }

  /** Jobs (by row; any if there are none) may have to stop: lets their heartbeats check at once. */
  #cancel(jobs: readonly string[]): void {
    for (const job of jobs.length > 0 ? jobs : this.#beating.keys())
      for (const waiter of this.#beating.get(job) ?? []) waiter.wake();
  }

  /** The job has ended: drops what is kept about its leases. */
  forget(job: string, fence: number): void {
    this.#told.delete(`${job}/${fence}`);
  }

  /** Answers all waiting heartbeats, without cancelling anything. */
  close(): void {
    this.#closed = true;
    this.#ignore();
    for (const waiting of this.#beating.values()) for (const waiter of waiting) waiter.wake();
  }
}
