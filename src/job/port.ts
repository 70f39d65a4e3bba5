import type { Assignment, JobReport } from "../model/index.ts";
import type { Backend } from "./backend/port.ts";

/**
 * Receives a job's report and output, already masked. Calls return at once unless the receiver must slow the job down.
 */
export interface JobReporter {
  /** Entries arrive in the given order. */
  report(entry: JobReport): void;
  /** Output of a step, in order. Await the promise before producing more: it is the back-pressure. */
  log(step: number, bytes: Uint8Array): Promise<void> | void;
}

/** Artifacts and caches of the job's run. Content is a gzipped tar; names and keys are as the author wrote them. */
export interface Transfers {
  uploadArtifact(
    name: string,
    content: AsyncIterable<Uint8Array>,
    options: { readonly retentionDays?: number; readonly overwrite: boolean },
  ): Promise<{ readonly bytes: number }>;
  listArtifacts(): Promise<readonly { readonly name: string; readonly bytes: number }[]>;
  downloadArtifact(name: string): Promise<AsyncIterable<Uint8Array>>;
  restoreCache(
    key: string,
    restoreKeys: readonly string[],
    version: string,
  ): Promise<
    { readonly key: string; readonly exact: boolean; readonly content: AsyncIterable<Uint8Array> } | undefined
  >;
  saveCache(key: string, version: string, content: AsyncIterable<Uint8Array>): Promise<boolean>;
}

export interface JobPorts {
  readonly reporter: JobReporter;
  readonly transfers: Transfers;
  /** Runs the steps. */
  readonly backend: Backend;
  /** Folder of this machine for what the job needs here, whatever its backend. */
  readonly workRoot: string;
  /** Labels of the runner, for the `runner` context. */
  readonly runner: { readonly name: string };
  /**
   * Aborted to cancel the job: steps get TERM, then KILL after the grace period; `always()` and post steps still run.
   */
  readonly signal: AbortSignal;
  /**
   * Aborted, together with `signal`, when the job no longer belongs to this runner: running steps end as with a cancel,
   * including those with `always()`, and nothing more is started, because another runner may have the job by now.
   */
  readonly dropped?: AbortSignal;
  /**
   * Resolves when the server has recently confirmed that this runner has the job, or when the signal is aborted. Awaited
   * before every program of a step. Absent if no server leases the job.
   */
  readonly held?: (until: AbortSignal) => Promise<void>;
  /** How long a step can take to end after TERM, in milliseconds. */
  readonly graceMs: number;
}

/**
 * Runs one job to its end and reports everything, including the final `job.finished`. Never rejects because of what the
 * job does; rejects only if the machine fails it (no disk space for the workspace, say).
 */
export type RunJob = (assignment: Assignment, ports: JobPorts) => Promise<void>;
