import { join } from "node:path";
import { SluiceError } from "../../model/index.ts";
import type { Files, FileContent, FileToWrite } from "../backend/files.ts";
import type { Effects } from "../output/effects.ts";
import { parsePairs } from "./pairs.ts";

/** How much is read of one file; GitHub accepts 1 MB of a summary, and 50 MB of all outputs of a run. */
const limits = { summary: 1024 * 1024, other: 10 * 1024 * 1024 };

/** The variables that name the files, and their names in the `github` context. */
const variables = {
  env: "GITHUB_ENV",
  path: "GITHUB_PATH",
  output: "GITHUB_OUTPUT",
  state: "GITHUB_STATE",
  step_summary: "GITHUB_STEP_SUMMARY",
} as const;
type Name = keyof typeof variables;
const names = Object.keys(variables) as Name[];

/**
 * The files through which one step talks to the runner. New for each step; only a set that nothing was written to, by a
 * step that left nothing running, is reused for the next one: creating files is the most expensive part of a small
 * step.
 */
export class CommandFiles {
  /** Their variables, for the step's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Their paths, for the `github` context. */
  readonly context: Readonly<Record<string, string>>;
  readonly #paths: readonly string[];
  readonly #script: string;
  /** What to write before the step starts. */
  #pending: FileToWrite[];

  constructor(temp: string, unique: number) {
    const folder = join(temp, `_commands_${unique}`);
    this.#script = join(temp, `_script_${unique}`);
    this.#paths = names.map((name) => join(folder, name));
    this.env = Object.fromEntries(names.map((name) => [variables[name], join(folder, name)]));
    this.context = Object.fromEntries(names.map((name) => [name, join(folder, name)]));
    // Actions check that they exist.
    this.#pending = this.#paths.map((path) => ({ path, content: "" }));
  }

  /** Adds the step's script to the write. Returns its path. */
  script(text: string, extension: string): string {
    const path = `${this.#script}${extension}`;
    this.#pending.push({ path, content: text });
    return path;
  }

  /** Writes what the next program of the step needs. */
  async make(files: Files): Promise<void> {
    const pending = this.#pending;
    this.#pending = [];
    if (pending.length > 0) await files.write(pending);
  }

  /**
   * Reads them and applies what the step wrote. Returns true if it wrote nothing, and all still exist.
   * @throws SluiceError for a file that is too large or malformed.
   */
  async take(files: Files, effects: Effects): Promise<boolean> {
    const contents = await files.read(this.#paths, { mostBytes: limits.other });
    if (contents.every((each) => each?.size === 0)) return true;
    const text = (name: Name, limit = limits.other): string => this.#text(name, contents[names.indexOf(name)], limit);
    for (const [name, value] of parsePairs(text("env"), variables.env)) effects.setEnv(name, value, "$GITHUB_ENV");
    for (const line of text("path").split(/\r?\n/)) if (line !== "") effects.addPath(line);
    for (const [name, value] of parsePairs(text("output"), variables.output)) effects.setOutput(name, value);
    for (const [name, value] of parsePairs(text("state"), variables.state)) effects.saveState(name, value);
    takeSummary(() => text("step_summary", limits.summary), effects);
    return false;
  }

  /** A file that the step removed, or replaced with something else, counts as empty. */
  #text(name: Name, file: FileContent | undefined, limit: number): string {
    if (file === undefined) return "";
    if (file.content === undefined || file.size > limit) {
      throw new SluiceError(
        "payload-too-large",
        `The step wrote ${file.size} bytes to ${variables[name]}; the limit is ${limit}.`,
        { help: "Put large values into an artifact." },
      );
    }
    return file.content.toString("utf8");
  }
}

/**
 * A summary that is too large is reported, and fails nothing:
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#step-isolation-and-limits
 */
function takeSummary(read: () => string, effects: Effects): void {
  try {
    const summary = read();
    if (summary !== "") effects.summarize(summary);
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    effects.complain(error.message);
  }
}
