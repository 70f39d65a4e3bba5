import type { Diagnostic, JobReport, JobStatus, RunStatus, StepStatus } from "../../model/index.ts";

/** One step in the closing event. */
export interface StepOutcome {
  readonly id: string;
  readonly name: string;
  readonly status: StepStatus;
  readonly allowed: boolean;
  /** 0 if no process ended: the step was skipped, or had nothing to run. */
  readonly exitCode: number;
}

export interface JobOutcome {
  readonly id: string;
  readonly name: string;
  readonly workflow: string;
  readonly status: JobStatus;
  /** It failed, but does not fail the run. */
  readonly allowed: boolean;
  readonly outputs: Readonly<Record<string, string>>;
  readonly reason?: string;
  readonly steps: readonly StepOutcome[];
}

/** The reports about a step. */
export type StepReport = Exclude<JobReport, { type: "job.finished" | "step.added" }>;

/** A workflow of the run, before any of it starts. */
export interface WorkflowOutline {
  readonly workflow: string;
  readonly name: string;
  /** The name of this run of the workflow, if its dialect has one. */
  readonly runName?: string;
}

/** Watches a local run: the terminal, or a program that reads NDJSON. */
export interface RunObserver {
  diagnostics(found: readonly Diagnostic[]): void;
  notice(text: string): void;
  /** @param title the title of the event, to leave out run names that repeat it. */
  runStarted(workflows: readonly WorkflowOutline[], title: string): void;
  jobStarted(job: { readonly key: string; readonly name: string; readonly workflow: string }): void;
  step(job: string, report: StepReport, name: string): void;
  /** Output of a step; waits while the reader is slow. */
  log(job: string, step: number, bytes: Uint8Array): Promise<void> | void;
  jobFinished(job: JobOutcome): void;
  runFinished(status: RunStatus, jobs: readonly JobOutcome[]): void;
}

/** Writes to stdout; resolves at once while the reader keeps up, or when it has caught up or gone away. */
export function writeOut(content: string | Uint8Array): Promise<void> | void {
  const { stdout } = process;
  if (stdout.errored !== null || stdout.write(content)) return;
  return new Promise((resolve) => {
    const done = (): void => {
      stdout.off("drain", done);
      stdout.off("error", done);
      resolve();
    };
    stdout.on("drain", done);
    stdout.on("error", done);
  });
}
