import type { Assignment, JobReport, Lease } from "../model/index.ts";

/** A capacity offer: how many more jobs the runner can take, and what it is. */
export interface Offer {
  /** The runner's labels; a job fits if they include all of its `runs-on` labels. */
  readonly labels: readonly string[];
  /** How many more jobs it can take now, at least 1. */
  readonly free: number;
  /** Leases the runner still holds: after a reconnect the server learns which jobs are alive. */
  readonly holds: readonly Lease[];
  /** How long the server can hold the request, in milliseconds; at most 30,000. */
  readonly waitMs: number;
}

export interface ArtifactInfo {
  readonly name: string;
  readonly bytes: number;
}

export interface CacheHit {
  /** The key that was found: the requested one, or the newest with a restore key as prefix. */
  readonly key: string;
  readonly exact: boolean;
  readonly content: AsyncIterable<Uint8Array>;
}

/**
 * The connection of a runner to its server: over HTTP, or in the same process; both use the same service.
 *
 * Every call can be repeated safely after a failure. Calls about a job carry its lease; a call with an outdated fencing
 * number rejects with `lease-stale`, and the runner then drops the job without further reports. A call rejects with
 * `unavailable` if the server cannot be reached: the runner keeps working and retries.
 */
export interface RunnerChannel {
  /** Waits for matching jobs; returns none when the wait is over. Each job is given to one runner only. */
  lease(offer: Offer, signal: AbortSignal): Promise<readonly Assignment[]>;
  /**
   * Begins the job: the runner is about to start its first process. Until this resolves nothing of the job may run, and
   * the server may give it to another runner; afterwards it never runs twice unless its plan allows that. Rejects with
   * `lease-stale` if another runner has the job by now.
   */
  begin(lease: Lease): Promise<void>;
  /** Reports that the job is alive; resolves after 5 s, or at once with `cancel` if someone cancels it. */
  heartbeat(lease: Lease, signal: AbortSignal): Promise<{ readonly cancel: boolean }>;
  /** Adds entries to the job's report. `from` is the index of the first one; known entries are ignored. */
  report(lease: Lease, from: number, entries: readonly JobReport[]): Promise<void>;
  /**
   * Appends to a step's log. `offset` is the position of the bytes; stored ones are skipped, a gap rejects with
   * `log-gap`. Returns the stored length: those bytes survive a kill of the server.
   */
  log(lease: Lease, step: number, offset: number, bytes: Uint8Array): Promise<{ readonly length: number }>;
  /**
   * Stores a gzipped tar as an artifact of the run. The name must be new in this attempt of the run, unless `overwrite`
   * is true.
   */
  uploadArtifact(
    lease: Lease,
    name: string,
    content: AsyncIterable<Uint8Array>,
    options: { retentionDays?: number; overwrite: boolean },
  ): Promise<ArtifactInfo>;
  /** Artifacts of all jobs of the run. */
  listArtifacts(lease: Lease): Promise<readonly ArtifactInfo[]>;
  downloadArtifact(lease: Lease, name: string): Promise<AsyncIterable<Uint8Array>>;
  /**
   * Finds a cache entry: by `key`, or else the newest whose key begins with one of `restoreKeys`, in their order.
   * `version` separates entries for different paths.
   */
  restoreCache(
    lease: Lease,
    key: string,
    restoreKeys: readonly string[],
    version: string,
  ): Promise<CacheHit | undefined>;
  /** Saves a gzipped tar. Keeps an existing entry and returns false. */
  saveCache(lease: Lease, key: string, version: string, content: AsyncIterable<Uint8Array>): Promise<boolean>;
}
