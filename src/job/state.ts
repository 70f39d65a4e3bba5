import type { Assignment, Json, JobReport, StepPlan } from "../model/index.ts";
import type { Masker } from "../masking/index.ts";
import type { Environment } from "./backend/port.ts";
import type { CommandFiles } from "./command-files/files.ts";
import type { Evaluate } from "./evaluation.ts";
import type { StepLog } from "./output/log.ts";
import type { JobPorts } from "./port.ts";

export type Status = "success" | "failure" | "cancelled";

/** How a step ended, before deciding whether a failure counts. */
export interface Ending {
  readonly status: Status | "skipped";
  readonly exitCode?: number;
  /** The reason, if the log does not show it. */
  readonly reason?: string;
  /** The environment could not start it: such a failure always counts. */
  readonly notStarted?: true;
}

/** A step's final result: `allowed` if it failed and that does not count. */
export interface StepResult extends Ending {
  readonly allowed: boolean;
}

/** What the caller passes to a step, and is notified of. */
export interface StepControls {
  readonly log: StepLog;
  /** Aborted to end the step, at a cancel or timeout. */
  readonly signal: AbortSignal;
  /** Called when the step really starts: not for a skipped one. `limitMs` is its own timeout. */
  begin(name: string, limitMs: number | undefined): void;
  /** Called when its program is running; not if it fails to start. */
  up?(): void;
  /** The reason of the abort, if it was a timeout. */
  timedOut(): string | undefined;
}

/** One running job: what all its steps share. */
export interface JobRun {
  readonly assignment: Assignment;
  readonly ports: JobPorts;
  readonly environment: Environment;
  readonly masker: Masker;
  /** The constant contexts: `github`, `runner`, `secrets`, `matrix`, `needs`, `vars` … */
  readonly contexts: Readonly<Record<string, Json>>;
  readonly github: Readonly<Record<string, Json>>;
  /** `job.services`: the running ones. */
  readonly services: Record<string, Json>;
  readonly evaluate: Evaluate;
  /** Variables of processes below the author's … */
  readonly baseEnv: Readonly<Record<string, string>>;
  /** … and those that the author cannot change. */
  readonly fixedEnv: Readonly<Record<string, string>>;
  /** The author's variables: the plan's, the job's, and what steps wrote to GITHUB_ENV. */
  readonly env: Record<string, string>;
  /** What steps added to the search path, newest first. */
  path: readonly string[];
  /** The frame of the job's own steps; its status is the job's. */
  readonly frame: Frame;
  /** Reports to the runner, with secrets masked. */
  report(entry: JobReport): void;
  /** Runs a step in a frame of this job: what a composite action does with its own steps. */
  runStep(frame: Frame, step: StepPlan, controls: StepControls): Promise<StepResult>;
  /** Adds a step that is not in the plan. Returns its index. */
  addStep(id: string, name: string): number;
  /** Command files that no step has written to, ready for the next one. */
  readonly spareFiles: CommandFiles[];
  /** Deprecated commands that the log has warned about. */
  readonly warned: Set<string>;
  /** The steps that run beside the others. */
  readonly background: WaitsAndCancels;
  /** A number unique among the job's steps, for file names. */
  unique(): number;
}

/** What steps can do with background steps. */
export interface WaitsAndCancels {
  /** Waits for steps, or for all that no step has waited for. Fails if one of them has failed. */
  wait(log: StepLog, ids: readonly string[] | "all"): Promise<Ending>;
  /** Cancels steps. */
  cancel(log: StepLog, ids: readonly string[]): Promise<Ending>;
}

/** Where steps run: the job itself, or a composite action inside one of its steps. */
export interface Frame {
  readonly job: JobRun;
  status: Status;
  /** The `steps` context: the results of the frame's steps so far. */
  readonly steps: Record<string, Json>;
  /** Variables of the steps around a composite action; they override those of the job. */
  readonly overrides: Readonly<Record<string, string>>;
  /** The action's inputs and folder; absent for the job itself. */
  readonly action?: { readonly inputs: Readonly<Record<string, Json>>; readonly folder: string };
  /** What to run after the frame's steps, in the order of registration; run in reverse. */
  readonly posts: Post[];
  /** How many composite actions enclose it; 0 for the job itself. */
  readonly depth: number;
}

/** Something an action runs at the end of the job. */
export interface Post {
  readonly name: string;
  readonly id: string;
  /** `always()` when absent. */
  readonly condition?: string;
  /** The condition's `inputs`: those of the action. */
  readonly inputs?: Readonly<Record<string, Json>>;
  /** Checked when its time has come: false if there is nothing to do after all. Absent means always. */
  isNeeded?(): boolean;
  run(step: { readonly log: StepLog; readonly signal: AbortSignal }): Promise<Ending>;
}
