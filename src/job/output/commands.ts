import type { Annotation } from "../../model/index.ts";
import { type Command, parseCommand, resumes } from "./command.ts";
import type { Effects } from "./effects.ts";
import type { StepLog } from "./log.ts";

/** Executes the workflow commands in the output of one process. */
export class OutputCommands {
  private readonly effects: Effects;
  private readonly log: StepLog;
  /** Set while commands are stopped: the token that resumes them. */
  private stopped: string | undefined;
  private echo = false;
  private readonly warned: Set<string>;

  /** @param warned deprecated commands that the job has already warned about. */
  constructor(effects: Effects, log: StepLog, warned: Set<string>) {
    this.effects = effects;
    this.log = log;
    this.warned = warned;
  }

  /** Handles a line that may be a command. Returns true if it must not be shown. */
  take(line: string): boolean {
    if (this.stopped !== undefined) {
      if (!resumes(line, this.stopped)) return false;
      this.stopped = undefined;
      return true;
    }
    const command = parseCommand(line);
    return command !== undefined && this.carryOut(command);
  }

  private carryOut(command: Command): boolean {
    const { data, properties } = command;
    const name = properties["name"] ?? "";
    switch (command.name) {
      case "add-mask":
        this.effects.mask(data);
        return true;
      case "set-output":
        this.effects.setOutput(name, data);
        return !this.echo;
      case "save-state":
        this.effects.saveState(name, data);
        return !this.echo;
      case "set-env":
        this.deprecated("set-env", 'echo "name=value" >> $GITHUB_ENV');
        this.effects.setEnv(name, data, "::set-env::");
        return !this.echo;
      case "add-path":
        this.deprecated("add-path", "echo folder >> $GITHUB_PATH");
        this.effects.addPath(data);
        return !this.echo;
      case "error":
      case "warning":
      case "notice":
        this.effects.annotate(annotationOf(command.name, command));
        return false;
      case "echo":
        this.echo = data.trim().toLowerCase() === "on";
        return true;
      case "stop-commands":
        if (data.trim() !== "") this.stopped = data.trim();
        return true;
      default:
        // Viewers handle `group`, `endgroup` and `debug`; the rest is text.
        return false;
    }
  }

  /**
   * Any program whose output a step prints can write these (CVE-2020-15228): they work, with a warning once per job.
   */
  private deprecated(name: string, instead: string): void {
    if (this.warned.has(name)) return;
    this.warned.add(name);
    this.log.notice(
      `The command ${name} in a step's output is deprecated, because any program's output could contain it. Use: ${instead}`,
    );
  }
}

function annotationOf(level: Annotation["level"], command: Command): Annotation {
  const { title, file, line, endline, col, endcolumn } = command.properties;
  const numbers = {
    line: numberOf(line),
    endLine: numberOf(endline),
    column: numberOf(col),
    endColumn: numberOf(endcolumn),
  };
  const known = Object.fromEntries(Object.entries(numbers).filter(([, value]) => value !== undefined));
  return {
    level,
    message: command.data,
    ...(title === undefined ? {} : { title }),
    ...(file === undefined ? {} : { file }),
    ...known,
  };
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text.trim()) ? Number(text) : undefined;
}
