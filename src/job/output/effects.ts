import type { Masker } from "../../masking/index.ts";
import type { Annotation, JobReport } from "../../model/index.ts";
import type { StepLog } from "./log.ts";

/** Annotations of one step beyond this number stay only in its log. */
const mostAnnotations = 100;

/** Variables that would let one step run code inside the next one's tools. GitHub rejects the first. */
const refused = /^(?:NODE_OPTIONS|RUNNER_TRACKING_ID|LD_PRELOAD|LD_AUDIT)$/i;

/** The parts of its job that a step can change. */
export interface EffectTarget {
  readonly env: Record<string, string>;
  path: readonly string[];
  readonly masker: Masker;
  report(entry: JobReport): void;
}

/** The effects of a step, through a command in its output or through a file. */
export class Effects {
  readonly outputs: Record<string, string> = {};
  readonly state: Record<string, string> = {};
  private readonly job: EffectTarget;
  private readonly log: StepLog;
  private annotations = 0;

  constructor(job: EffectTarget, log: StepLog) {
    this.job = job;
    this.log = log;
  }

  /** Sets a variable for the following steps. @param by what the author used, for an error message. */
  setEnv(name: string, value: string, by: string): void {
    if (refused.test(name)) {
      this.log.error(
        `Cannot set ${name} with ${by}: it would change how later steps run their programs. Set it under \`env\` of the step that needs it.`,
      );
      return;
    }
    if (name.includes("=") || name === "" || value.includes("\0")) {
      this.log.error(
        `Cannot set the variable "${name}" with ${by}: the name is empty or contains "=", or the value contains a zero byte.`,
      );
      return;
    }
    this.job.env[name] = value;
  }

  /** Adds a folder at the front of the search path of the following steps. */
  addPath(folder: string): void {
    this.job.path = [folder, ...this.job.path.filter((each) => each !== folder)];
  }

  setOutput(name: string, value: string): void {
    this.outputs[name] = value;
  }

  saveState(name: string, value: string): void {
    this.state[name] = value;
  }

  mask(value: string): void {
    this.job.masker.add(value);
  }

  annotate(annotation: Annotation): void {
    this.annotations += 1;
    if (this.annotations > mostAnnotations) return;
    this.job.report({ type: "annotation", step: this.log.step, annotation });
  }

  /** An error for people that does not fail the step. */
  complain(message: string): void {
    this.log.error(message);
    this.annotate({ level: "error", message });
  }

  summarize(markdown: string): void {
    this.job.report({ type: "summary", step: this.log.step, markdown });
  }
}
