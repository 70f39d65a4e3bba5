import type { Assignment, Json, JobReport, StepPlan } from "../model/index.ts";
import type { Masker } from "../masking/index.ts";
import type { Environment } from "./backend/port.ts";
import type { CommandFiles } from "./command-files/files.ts";
import type { Evaluate } from "./evaluation.ts";
import type { StepLog } from "./output/log.ts";
import type { JobPorts } from "./port.ts";

export type Status = "success" | "failure" | "cancelled";

/** How a step ended, before it is known whether a failure counts. */
export interface Ending {
  readonly status: Status | "skipped";
  readonly exitCode?: number;
  /** Why, where the log does not say. */
  readonly reason?: string;
  /** The environment could not start it: such a failure always counts. */
  readonly notStarted?: true;
}

/** What a step came to: `allowed` when it failed and that does not count. */
export interface StepResult extends Ending {
  readonly allowed: boolean;
}

/** What runs a step gives it, and hears from it. */
export interface StepControls {
  readonly log: StepLog;
  /** Aborted to end the step, at a cancel or timeout. */
  readonly signal: AbortSignal;
  /** Called when the step really begins: not for one that is skipped. `limitMs` is its own time limit. */
  begin(name: string, limitMs: number | undefined): void;
  /** Called when its program runs; not when it fails to start. */
  up?(): void;
  /** Why the signal was aborted, when it was a timeout. */
  timedOut(): string | undefined;
}

/** One job while it runs: what all its steps share. */
export interface JobRun {
  readonly assignment: Assignment;
  readonly ports: JobPorts;
  readonly environment: Environment;
  readonly masker: Masker;
  /** The contexts that do not change: `github`, `runner`, `secrets`, `matrix`, `needs`, `vars` … */
  readonly contexts: Readonly<Record<string, Json>>;
  readonly github: Readonly<Record<string, Json>>;
  /** `job.services`: those that run. */
  readonly services: Record<string, Json>;
  readonly evaluate: Evaluate;
  /** What processes get below the author's variables … */
  readonly baseEnv: Readonly<Record<string, string>>;
  /** … and what the author cannot change. */
  readonly fixedEnv: Readonly<Record<string, string>>;
  /** The author's variables: the plan's, the job's, and what steps wrote to GITHUB_ENV. */
  readonly env: Record<string, string>;
  /** What steps added to the search path, newest first. */
  path: readonly string[];
  /** The frame of the job's own steps; its status is the job's. */
  readonly frame: Frame;
  /** Tells the runner, with secrets masked. */
  report(entry: JobReport): void;
  /** Runs a step in a frame of this job: what a composite action does with its own. */
  runStep(frame: Frame, step: StepPlan, controls: StepControls): Promise<StepResult>;
  /** Adds a step that the plan does not have. Returns its index. */
  addStep(id: string, name: string): number;
  /** Command files that no step has written to, ready for the next one. */
  readonly spareFiles: CommandFiles[];
  /** Deprecated commands that the log has warned about. */
  readonly warned: Set<string>;
  /** The steps that run beside the others. */
  readonly background: WaitsAndCancels;
  /** A number that no other step of the job gets, for file names. */
  unique(): number;
}

/** What steps can do about those in the background. */
export interface WaitsAndCancels {
  /** Waits for steps, or for all that nobody has waited for yet. Fails when one of them has failed. */
  wait(log: StepLog, ids: readonly string[] | "all"): Promise<Ending>;
  /** Ends steps. */
  cancel(log: StepLog, ids: readonly string[]): Promise<Ending>;
}

/** Where steps run: the job itself, or a composite action inside one of its steps. */
export interface Frame {
  readonly job: JobRun;
  status: Status;
  /** The `steps` context: what the frame's steps so far came to. */
  readonly steps: Record<string, Json>;
  /** Variables of the steps around a composite action; they beat those of the job. */
  readonly overrides: Readonly<Record<string, string>>;
  /** The action's inputs, and its folder; absent for the job itself. */
  readonly action?: { readonly inputs: Readonly<Record<string, Json>>; readonly folder: string };
  /** What is to be done after the frame's steps, in the order of registration; done backwards. */
  readonly posts: Post[];
  /** How many composite actions are around; 0 for the job itself. */
  readonly depth: number;
}

/** Something an action wants done at the end of the job. */
export interface Post {
  readonly name: string;
  readonly id: string;
  /** `always()` when absent. */
  readonly condition?: string;
  /** What the condition sees as `inputs`: those of the action. */
  readonly inputs?: Readonly<Record<string, Json>>;
  /** Asked when its time has come: false when there is nothing to do after all. Always, when absent. */
  isNeeded?(): boolean;
  run(step: { readonly log: StepLog; readonly signal: AbortSignal }): Promise<Ending>;
}
