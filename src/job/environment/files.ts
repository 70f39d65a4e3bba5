import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { SluiceError } from "../../model/index.ts";
import type { Effects } from "../output/effects.ts";
import { parsePairs } from "./pairs.ts";

/** The most that is read of one file; GitHub takes 1 MB of a summary, and 50 MB of all outputs of a run. */
const limits = { summary: 1024 * 1024, other: 10 * 1024 * 1024 };

/** The variables that name the files, and the names in the `github` context. */
const files = {
  env: "GITHUB_ENV",
  path: "GITHUB_PATH",
  output: "GITHUB_OUTPUT",
  state: "GITHUB_STATE",
  step_summary: "GITHUB_STEP_SUMMARY",
} as const;
const names = Object.keys(files) as (keyof typeof files)[];

/**
 * The files through which one step talks to the runner. New for each step; only a set that nothing was written to, by a
 * step that left nothing running, serves the next one as well: making files is the dearest part of a small step.
 */
export class CommandFiles {
  /** Their variables, for the step's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Their paths, for the `github` context. */
  readonly context: Readonly<Record<string, string>>;
  private readonly folder: string;
  private readonly script: string;

  private constructor(temp: string, unique: number) {
    this.folder = join(temp, `_commands_${unique}`);
    this.script = join(temp, `_script_${unique}`);
    const env: Record<string, string> = {};
    const context: Record<string, string> = {};
    for (const name of names) {
      const path = join(this.folder, name);
      env[files[name]] = path;
      context[name] = path;
    }
    this.env = env;
    this.context = context;
  }

  /** Makes the empty files, for actions check that they exist. */
  static create(temp: string, unique: number): CommandFiles {
    const files = new CommandFiles(temp, unique);
    mkdirSync(files.folder);
    for (const name of names) closeSync(openSync(join(files.folder, name), "w"));
    return files;
  }

  /**
   * Writes the step's script beside them and answers with its path. A script of an earlier step is written over in
   * place, which costs a fraction of a new file; nobody reads it any more.
   */
  writeScript(text: string, extension: string): string {
    const path = `${this.script}${extension}`;
    const content = Buffer.from(text, "utf8");
    const fd = openScript(path);
    try {
      writeSync(fd, content);
      ftruncateSync(fd, content.length);
    } finally {
      closeSync(fd);
    }
    return path;
  }

  /** True when all are there still, and empty. */
  isUntouched(): boolean {
    return names.every((name) => {
      const stat = lstatSync(this.context[name] ?? "", { throwIfNoEntry: false });
      return stat?.isFile() === true && stat.size === 0;
    });
  }

  /**
   * Carries out what the step wrote.
   * @throws SluiceError for a file that is too large or that cannot be read as what it should be.
   */
  apply(effects: Effects): void {
    for (const [name, value] of parsePairs(this.read("env", limits.other), files.env))
      effects.setEnv(name, value, "$GITHUB_ENV");
    for (const line of this.read("path", limits.other).split(/\r?\n/)) if (line !== "") effects.addPath(line);
    for (const [name, value] of parsePairs(this.read("output", limits.other), files.output))
      effects.setOutput(name, value);
    for (const [name, value] of parsePairs(this.read("state", limits.other), files.state))
      effects.saveState(name, value);
    this.applySummary(effects);
  }

  /** A summary that is too large is told, and fails nothing: https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#step-isolation-and-limits */
  private applySummary(effects: Effects): void {
    try {
      const summary = this.read("step_summary", limits.summary);
      if (summary !== "") effects.summarize(summary);
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error;
      effects.complain(error.message);
    }
  }

  private read(name: keyof typeof files, limit: number): string {
    let fd: number;
    try {
      // The step may have put a link or a pipe in its place: neither is followed, nor waited for.
      fd = openSync(join(this.folder, name), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    } catch {
      // Removed by the step: it has nothing to say.
      return "";
    }
    try {
      const stat = fstatSync(fd);
      const { size } = stat;
      if (size === 0 || !stat.isFile()) return "";
      if (size > limit) {
        throw new SluiceError(
          "payload-too-large",
          `The step wrote ${size} bytes to ${files[name]}, which takes ${limit}.`,
          { help: "Put large values into an artifact." },
        );
      }
      const bytes = Buffer.alloc(size);
      return bytes.toString("utf8", 0, readSync(fd, bytes, 0, size, 0));
    } finally {
      closeSync(fd);
    }
  }
}

/** Opens a script to be written over; what a step put in its place (a link, a pipe, a folder) is removed, not followed. */
function openScript(path: string): number {
  try {
    const fd = openSync(
      path,
      constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK,
      0o666,
    );
    const stat = fstatSync(fd);
    if (stat.isFile() && stat.nlink === 1) return fd;
    closeSync(fd);
  } catch {
    // Whatever is there that cannot be opened: it is replaced below.
  }
  rmSync(path, { recursive: true, force: true });
  return openSync(path, "wx");
}
