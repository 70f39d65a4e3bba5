import type { Contexts } from "../../expression/index.ts";
import { evaluateText } from "../../expression/index.ts";
import { messageOf, type StepPlan, type Text } from "../../model/index.ts";
import { NotStarted, type Container, type Exit, type Started, type StepDescription } from "../backend/port.ts";
import { CommandFiles } from "../command-files/files.ts";
import { contextsFor } from "../contexts.ts";
import { OutputCommands } from "../output/commands.ts";
import { Effects } from "../output/effects.ts";
import type { StepLog } from "../output/log.ts";
import { CommandScanner } from "../output/scanner.ts";
import { Tail } from "../output/tail.ts";
import type { Ending, Frame, JobRun } from "../state.ts";

/** A program run by a step. */
export interface Program {
  readonly description: StepDescription;
  /** As in `StepStart`. */
  readonly program?: string;
  readonly args: readonly string[];
  readonly image?: Container;
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: CommandFiles;
  /** Its output becomes the step output `raw_output`. */
  readonly keepsOutput?: boolean;
}

/** One running step: what an action needs to do its work, and its results. */
export class StepExecution {
  readonly frame: Frame;
  readonly step: StepPlan;
  readonly log: StepLog;
  readonly signal: AbortSignal;
  /** The author's variables as seen by this step. */
  readonly env: Readonly<Record<string, string>>;
  /** The step's display name. */
  readonly name: string;
  readonly effects: Effects;
  /** Called once a program of the step is running. */
  readonly up: () => void;
  /** When it started, in seconds since 1970. */
  readonly #started = String(Math.floor(Date.now() / 1000));

  constructor(parts: {
    readonly frame: Frame;
    readonly step: StepPlan;
    readonly log: StepLog;
    readonly signal: AbortSignal;
    readonly env: Readonly<Record<string, string>>;
    readonly name: string;
    readonly up?: () => void;
  }) {
    this.frame = parts.frame;
    this.step = parts.step;
    this.log = parts.log;
    this.signal = parts.signal;
    this.env = parts.env;
    this.name = parts.name;
    this.up = parts.up ?? (() => undefined);
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
  async text(text: Text, contexts?: Contexts): Promise<string> {
    if (typeof text === "string") return text;
    return this.job.evaluate((functions) => evaluateText(text, contexts ?? this.contexts(), functions));
  }

  /** Evaluates several texts. @throws SluiceError `workflow-expression`. */
  async texts(texts: readonly Text[]): Promise<readonly string[]> {
    const values: string[] = [];
    for (const text of texts) values.push(await this.text(text));
    return values;
  }

  /** The search path of the step's processes. */
  get path(): string {
    const own = this.env["PATH"] ?? this.job.baseEnv["PATH"] ?? "";
    return this.job.path.length === 0 ? own : [...this.job.path, own].join(":");
  }

  /**
   * Runs one program for the step: builds its environment, masks its output and searches it for commands, and
   * afterwards reads the files it may have written. An exit code other than 0 is a failure.
   */
  async run(program: Program): Promise<Ending> {
    const { job } = this;
    if (!this.signal.aborted) await job.ports.held?.(this.signal);
    if (this.signal.aborted) return { status: "cancelled" };
    const files = program.files ?? this.files();
    await files.make(job.environment);
    const commands = new OutputCommands(this.effects, this.log, job.warned);
    const scanner = new CommandScanner((line) => commands.take(line));
    const tail = program.keepsOutput === true ? new Tail() : undefined;
    let exit: Exit;
    try {
      const started = await this.#start(program, files, (bytes) => {
        tail?.add(bytes);
        return this.log.write(scanner.write(bytes));
      });
      this.up();
      exit = await started.exit;
    } catch (error) {
      if (!(error instanceof NotStarted)) throw error;
      this.log.error(error.message);
      return notStarted(error);
    } finally {
      await this.log.write(scanner.flush());
      await this.log.flush();
    }
    if (tail !== undefined) this.effects.outputs["raw_output"] = tail.text;
    const wrote = await this.#takeFiles(files, exit.quiet);
    const ending = endingOf(exit, this.log);
    return wrote === undefined || ending.status !== "success"
      ? ending
      : { ...ending, status: "failure", reason: wrote };
  }

  /** The files for one program of the step. */
  files(): CommandFiles {
    const { job } = this;
    return job.spareFiles.pop() ?? new CommandFiles(job.environment.folders.temp, job.unique());
  }

  #start(program: Program, files: CommandFiles, output: (bytes: Uint8Array) => Promise<void> | void): Promise<Started> {
    return this.job.environment.start({
      description: program.description,
      ...(program.program === undefined ? {} : { program: program.program }),
      ...(program.image === undefined ? {} : { image: program.image }),
      args: program.args,
      cwd: program.cwd,
      env: this.#environmentOf(files, program.env),
      output,
      signal: this.signal,
      graceMs: this.job.ports.graceMs,
    });
  }

  async #takeFiles(files: CommandFiles, quiet: boolean): Promise<string | undefined> {
    try {
      const untouched = await files.take(this.job.environment, this.effects);
      if (untouched && quiet) this.job.spareFiles.push(files);
      return undefined;
    } catch (error) {
      this.log.error(messageOf(error));
      return messageOf(error);
    }
  }

  #environmentOf(
    files: CommandFiles,
    more: Readonly<Record<string, string>> | undefined,
  ): Readonly<Record<string, string>> {
    const { job, frame } = this;
    return {
      ...job.baseEnv,
      ...this.env,
      ...job.fixedEnv,
      CI_STEP_STARTED: this.#started,
      ...(frame.action === undefined ? undefined : { GITHUB_ACTION_PATH: frame.action.folder }),
      ...more,
      ...files.env,
      PATH: this.path,
      GITHUB_ACTION: this.step.id,
    };
  }
}

/** Maps the end of a program to the step's result. @param log receives the reason of a failure */
export function endingOf({ code, signal, outOfMemory, stopped }: Exit, log?: StepLog): Ending {
  if (stopped) return { status: "cancelled", exitCode: code };
  if (outOfMemory === true) {
    log?.error("The process ran out of memory.");
    return { status: "failure", exitCode: code, reason: "out of memory" };
  }
  if (signal !== undefined) {
    log?.error(`The process was killed by ${signal}.`);
    return { status: "failure", exitCode: code, reason: `killed by ${signal}` };
  }
  if (code === 0) return { status: "success", exitCode: 0 };
  log?.error(`Process completed with exit code ${code}.`);
  return { status: "failure", exitCode: code };
}

/** The result of a step whose program did not start. */
export function notStarted({ fault, message }: NotStarted): Ending {
  return { status: "failure", reason: message, ...(fault === "environment" ? { notStarted: true } : {}) };
}
