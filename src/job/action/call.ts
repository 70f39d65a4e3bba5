import type { Contexts } from "../../expression/index.ts";
import { evaluateText } from "../../expression/index.ts";
import type { StepPlan, Text } from "../../model/index.ts";
import { contextsFor } from "../contexts.ts";
import { CommandFiles } from "../environment/files.ts";
import { markerName } from "../backend/host/leftovers.ts";
import { messageOf } from "../../model/index.ts";
import { OutputCommands } from "../output/commands.ts";
import { Effects } from "../output/effects.ts";
import type { StepLog } from "../output/log.ts";
import { CommandScanner } from "../output/scanner.ts";
import { Tail } from "../output/tail.ts";
import type { Ending, Frame, JobRun } from "../state.ts";

/** One step being carried out: what an action needs to do its work, and what comes of it. */
export class Call {
  readonly frame: Frame;
  readonly step: StepPlan;
  readonly log: StepLog;
  readonly signal: AbortSignal;
  /** The author's variables as this step sees them. */
  readonly env: Readonly<Record<string, string>>;
  /** The step's name for people. */
  readonly name: string;
  readonly effects: Effects;
  /** When it began, in seconds since 1970. */
  private readonly started = String(Math.floor(Date.now() / 1000));

  constructor(parts: {
    readonly frame: Frame;
    readonly step: StepPlan;
    readonly log: StepLog;
    readonly signal: AbortSignal;
    readonly env: Readonly<Record<string, string>>;
    readonly name: string;
  }) {
    this.frame = parts.frame;
    this.step = parts.step;
    this.log = parts.log;
    this.signal = parts.signal;
    this.env = parts.env;
    this.name = parts.name;
    this.effects = new Effects(parts.frame.job, parts.log);
  }

  get job(): JobRun {
    return this.frame.job;
  }

  /** The contexts for the step's own texts. */
  contexts(github: Readonly<Record<string, string>> = {}): Contexts {
    return contextsFor(this.frame, this.env, { action: this.step.id, ...github });
  }

  /** Evaluates a text of the step. @throws SluiceError `workflow-expression`. */
  text(text: Text, contexts?: Contexts): string {
    return typeof text === "string" ? text : evaluateText(text, contexts ?? this.contexts(), this.job.functions);
  }

  /** The search path of the step's processes. */
  get path(): string {
    const own = this.env["PATH"] ?? this.job.machineEnv["PATH"] ?? "";
    return this.job.path.length === 0 ? own : [...this.job.path, own].join(":");
  }

  /**
   * Runs one process for the step: with the whole environment made, its output masked and searched for commands,
   * and afterwards the files read that it may have written. A code other than 0 is a failure.
   */
  async process(command: {
    readonly file: string;
    readonly args: readonly string[];
    readonly cwd: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly files?: CommandFiles;
    readonly keepsOutput?: boolean;
  }): Promise<Ending> {
    const { job } = this;
    if (this.signal.aborted) return { status: "cancelled" };
    const files = command.files ?? this.files();
    const commands = new OutputCommands(this.effects, this.log, warnedIn(job));
    const scanner = new CommandScanner((line) => commands.take(line));
    const tail = command.keepsOutput === true ? new Tail() : undefined;
    const end = await job.processes.run({
      file: command.file,
      args: command.args,
      cwd: command.cwd,
      env: this.processEnv(files, command.env),
      output: (bytes) => {
        tail?.add(bytes);
        return this.log.write(scanner.write(bytes));
      },
      signal: this.signal,
      graceMs: job.ports.graceMs,
    });
    await this.log.write(scanner.flush());
    await this.log.flush();
    if (!end.started) {
      this.log.error(end.reason);
      return { status: "failure", reason: end.reason };
    }
    if (tail !== undefined) this.effects.outputs["raw_output"] = tail.text;
    const wrote = this.applyFiles(files, end.quiet);
    if (this.signal.aborted) return { status: "cancelled", exitCode: end.exitCode };
    if (end.signal !== undefined) {
      this.log.error(`The process was killed by ${end.signal}.`);
      return { status: "failure", exitCode: end.exitCode, reason: `killed by ${end.signal}` };
    }
    if (end.exitCode !== 0) {
      this.log.error(`Process completed with exit code ${end.exitCode}.`);
      return { status: "failure", exitCode: end.exitCode };
    }
    return wrote === undefined ? { status: "success", exitCode: 0 } : { status: "failure", exitCode: 0, reason: wrote };
  }

  /** The files for one process of the step. */
  files(): CommandFiles {
    const { job } = this;
    return job.spareFiles.pop() ?? CommandFiles.create(job.folders.temp, job.unique());
  }

  private applyFiles(files: CommandFiles, quiet: boolean): string | undefined {
    if (files.isUntouched()) {
      if (quiet) this.job.spareFiles.push(files);
      return undefined;
    }
    try {
      files.apply(this.effects);
      return undefined;
    } catch (error) {
      this.log.error(messageOf(error));
      return messageOf(error);
    }
  }

  private processEnv(
    files: CommandFiles,
    more: Readonly<Record<string, string>> | undefined,
  ): Readonly<Record<string, string>> {
    const { job, frame } = this;
    return {
      ...job.machineEnv,
      ...this.env,
      ...job.fixedEnv,
      CI_STEP_STARTED: this.started,
      ...(frame.action === undefined ? undefined : { GITHUB_ACTION_PATH: frame.action.folder }),
      ...more,
      ...files.env,
      PATH: this.path,
      GITHUB_ACTION: this.step.id,
      [markerName]: job.folders.marker,
    };
  }
}

const warnings = new WeakMap<JobRun, Set<string>>();

function warnedIn(job: JobRun): Set<string> {
  const known = warnings.get(job) ?? new Set<string>();
  warnings.set(job, known);
  return known;
}
