import type { Json, JobResult, JobStatus, RunStatus, Wait } from "../model/index.ts";

/* The engine's types. The engine is pure: state and input in, state and effects out. States are plain JSON. */

export interface RunState {
  readonly version: 1;
  readonly attempt: number;
  readonly status: RunStatus;
  readonly cancelled: boolean;
  /** Incremented with every finished job, to order them. */
  readonly sequence: number;
  readonly workflows: readonly WorkflowState[];
  readonly jobs: readonly JobState[];
}

export interface WorkflowState {
  readonly workflow: string;
  readonly status: RunStatus;
  /** `needs`: waits for other workflows; `group`: waits for its concurrency group; `open`: its jobs can start. */
  readonly stage: "needs" | "group" | "open" | "ended";
  readonly cancelled: boolean;
  /** Its place in a concurrency group, from the request to the release. */
  readonly holder?: Holder;
  /** What it waits for, while it waits. */
  readonly wait?: Wait;
}

/** A place in a concurrency group, held or waiting. `id` is unique in the run. */
export interface Holder {
  readonly id: string;
  readonly group: string;
}

/** The newest attempt of one job. A job with a matrix is one waiting entry until its cells are known. */
export interface JobState {
  /** Unique in the run and stable across attempts. */
  readonly key: string;
  readonly workflow: string;
  /** The plan's job id. */
  readonly job: string;
  readonly name: string;
  readonly attempt: number;
  readonly status: JobStatus;
  /**
   * While waiting: for needed jobs (`needs`), a place within max-parallel (`slot`), or a concurrency group (`group`).
   */
  readonly stage?: "needs" | "slot" | "group";
  readonly needs: readonly string[];
  /** Evaluated, with the other settings, when the needed jobs have finished. */
  readonly labels: readonly string[];
  readonly matrix?: Json;
  readonly settings?: JobSettings;
  readonly holder?: Holder;
  readonly outputs: Readonly<Record<string, string>>;
  /** It failed, but the failure does not count. */
  readonly allowed: boolean;
  /** It is running and was asked to stop. */
  readonly cancelling: boolean;
  /** What it waits for, while it waits. */
  readonly wait?: Wait;
  readonly reason?: string;
  /** How often it can still be restarted after its runner died. */
  readonly retriesLeft: number;
  /** Its position in the order in which the run's jobs finished. */
  readonly ended?: number;
}

/** The settings that the plan leaves to expressions, once evaluated. */
export interface JobSettings {
  readonly index: number;
  readonly total: number;
  readonly failFast: boolean;
  readonly maxParallel: number;
  readonly timeoutMinutes: number;
  readonly continueOnError: boolean;
  readonly group?: { readonly name: string; readonly cancelInProgress: boolean; readonly limit: number };
}

export type EngineInput =
  | { readonly type: "job.started"; readonly key: string; readonly attempt: number }
  /** The lease of a running job ended before its runner began it: it is queued again. */
  | { readonly type: "job.returned"; readonly key: string; readonly attempt: number }
  | {
      readonly type: "job.finished";
      readonly key: string;
      readonly attempt: number;
      readonly status: JobResult;
      readonly outputs: Readonly<Record<string, string>>;
      readonly reason?: string;
    }
  | { readonly type: "job.lost"; readonly key: string; readonly attempt: number; readonly reason: string }
  /**
   * The whole run, one workflow, or one job. Jobs whose `if` holds after a cancel (`always()`, `cancelled()`)
   * still run, as at GitHub; a second cancel, or one that names the job, stops them too.
   */
  | { readonly type: "cancel"; readonly reason: string; readonly workflow?: string; readonly key?: string }
  /** `all` does nothing while the run has not ended. */
  | { readonly type: "rerun"; readonly mode: "all" | "failed" }
  /** A concurrency group admits the holder (a `group.enter` effect's holder). */
  | { readonly type: "group.granted"; readonly holder: string };

export type Effect =
  | {
      readonly type: "job.queued";
      readonly key: string;
      readonly attempt: number;
      readonly labels: readonly string[];
      readonly timeoutMinutes: number;
      /** `needs`, `matrix`, `strategy`: merged over the plan's contexts in the assignment. */
      readonly contexts: Readonly<Record<string, Json>>;
    }
  /** The job runs, and shall stop. Its `job.finished` still comes. */
  | { readonly type: "job.cancel"; readonly key: string; readonly attempt: number }
  | {
      readonly type: "group.enter";
      readonly holder: string;
      readonly group: string;
      readonly cancelInProgress: boolean;
      readonly limit: number;
    }
  | { readonly type: "group.leave"; readonly holder: string; readonly group: string }
  | { readonly type: "run.finished"; readonly status: RunStatus };

export interface Transition {
  readonly state: RunState;
  readonly effects: readonly Effect[];
}
