import type { Json, JobResult, JobStatus, Plan, RunStatus } from "../model/index.ts";

/*
 * The engine's vocabulary. It is pure: state and input in, state and effects out. States are plain JSON.
 */

export interface RunState {
  readonly version: 1;
  readonly attempt: number;
  readonly status: RunStatus;
  readonly cancelled: boolean;
  readonly workflows: readonly WorkflowState[];
  readonly jobs: readonly JobState[];
}

export interface WorkflowState {
  readonly workflow: string;
  readonly status: RunStatus;
  /** What it waits for, for people. */
  readonly waitsFor?: string;
}

/** The newest attempt of one job. A job with a dynamic matrix is one waiting entry until its cells are known. */
export interface JobState {
  /** Unique in the run and the same over its attempts. */
  readonly key: string;
  readonly workflow: string;
  /** The plan's job id. */
  readonly job: string;
  readonly name: string;
  readonly attempt: number;
  readonly status: JobStatus;
  readonly needs: readonly string[];
  /** Resolved when the job is queued. */
  readonly labels: readonly string[];
  readonly matrix?: Json;
  readonly outputs: Readonly<Record<string, string>>;
  /** Its failure does not count. */
  readonly allowed: boolean;
  readonly waitsFor?: string;
  readonly reason?: string;
  /** How often it may still be started again after its runner died. */
  readonly retriesLeft: number;
}

export type EngineInput =
  | { readonly type: "job.started"; readonly key: string; readonly attempt: number }
  | { readonly type: "job.finished"; readonly key: string; readonly attempt: number; readonly status: JobResult; readonly outputs: Readonly<Record<string, string>>; readonly reason?: string }
  | { readonly type: "job.lost"; readonly key: string; readonly attempt: number; readonly reason: string }
  /** The whole run, one workflow, or one job. */
  | { readonly type: "cancel"; readonly reason: string; readonly workflow?: string; readonly key?: string }
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
      /** `needs`, `matrix`, `strategy`: laid over the plan's contexts in the assignment. */
      readonly contexts: Readonly<Record<string, Json>>;
    }
  /** The job runs, and shall stop. Its `job.finished` still comes. */
  | { readonly type: "job.cancel"; readonly key: string; readonly attempt: number }
  | { readonly type: "group.enter"; readonly holder: string; readonly group: string; readonly cancelInProgress: boolean; readonly limit: number }
  | { readonly type: "group.leave"; readonly holder: string; readonly group: string }
  | { readonly type: "run.finished"; readonly status: RunStatus };

export interface Transition {
  readonly state: RunState;
  readonly effects: readonly Effect[];
}

/** `createRun(plans)` starts a run, `advance(plans, state, input)` moves it on; inputs about an old attempt change nothing. */
export interface Engine {
  createRun(plans: readonly Plan[]): Transition;
  advance(plans: readonly Plan[], state: RunState, input: EngineInput): Transition;
}
