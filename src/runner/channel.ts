import type { Assignment, JobReport, Lease } from "../model/index.ts";

/** A capacity offer: how many more jobs the runner can take, and what it is. */
export interface Offer {
  /** Labels the runner has; a job fits when all its `runs-on` labels are among them. */
  readonly labels: readonly string[];
  /** How many more jobs it can take now, at least 1. */
  readonly free: number;
  /** Leases the runner still holds: after a reconnect the server learns which jobs live on. */
  readonly holds: readonly Lease[];
  /** How long the server may keep the request waiting, in milliseconds; 30,000 at most. */
  readonly waitMs: number;
}

export interface ArtifactInfo {
  readonly name: string;
  readonly bytes: number;
}

export interface CacheHit {
  /** The key that was found: the one asked for, or the newest that begins with a restore key. */
  readonly key: string;
  readonly exact: boolean;
  readonly content: AsyncIterable<Uint8Array>;
}

/**
 * How a runner talks to its server: over HTTP, or in the same process; both end in the same service.
 *
 * Every call may be repeated after a failure without harm. Calls about a job carry its lease; one whose
 * fencing number is old rejects with `lease-stale`, and the runner then drops the job without another word.
 * A call rejects with `unavailable` when the server is away: the runner keeps working and tries again.
 */
export interface RunnerChannel {
  /** Waits for jobs that fit; answers with none when the wait is over. Each job is handed to one runner only. */
  lease(offer: Offer, signal: AbortSignal): Promise<readonly Assignment[]>;
  /** Says that the job lives; answers after 5 s, or at once with `cancel` when somebody cancels it. */
  heartbeat(lease: Lease, signal: AbortSignal): Promise<{ readonly cancel: boolean }>;
  /** Adds entries to the job's report. `from` is the index of the first one; entries known already are ignored. */
  report(lease: Lease, from: number, entries: readonly JobReport[]): Promise<void>;
  /**
   * Appends to a step's log. `offset` is where the bytes belong; what is stored already is skipped, a gap
   * rejects with `log-gap`. Answers with the stored length: those bytes are safe against a kill of the server.
   */
  log(lease: Lease, step: number, offset: number, bytes: Uint8Array): Promise<{ readonly length: number }>;
  /** Stores a gzipped tar as an artifact of the run. The name must be new in this attempt of the run, or `overwrite` true. */
  uploadArtifact(
    lease: Lease,
    name: string,
    content: AsyncIterable<Uint8Array>,
    options: { retentionDays?: number; overwrite: boolean },
  ): Promise<ArtifactInfo>;
  /** Artifacts of the run, by all its jobs. */
  listArtifacts(lease: Lease): Promise<readonly ArtifactInfo[]>;
  downloadArtifact(lease: Lease, name: string): Promise<AsyncIterable<Uint8Array>>;
  /** Finds a cache entry: by `key`, else the newest whose key begins with one of `restoreKeys`, in their order. `version` separates entries made from other paths. */
  restoreCache(
    lease: Lease,
    key: string,
    restoreKeys: readonly string[],
    version: string,
  ): Promise<CacheHit | undefined>;
  /** Saves a gzipped tar. An entry that exists is kept and the call answers false. */
  saveCache(lease: Lease, key: string, version: string, content: AsyncIterable<Uint8Array>): Promise<boolean>;
}
