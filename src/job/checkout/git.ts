import { join } from "node:path";
import { SluiceError } from "../../model/index.ts";
import type { StepExecution } from "../action/execution.ts";
import { NotStarted, type Environment, type Started, type Tool } from "../backend/port.ts";

/** Settings of git as `git config` has them. */
export type GitSettings = readonly (readonly [key: string, value: string])[];

/** Ignores the user's and the machine's configuration. */
const configuration =
  "[safe]\n\tdirectory = *\n[init]\n\tdefaultBranch = main\n[advice]\n\tdetachedHead = false\n[gc]\n\tauto = 0\n[core]\n\tfsmonitor = false\n";

/** Runs git for a step, with only our configuration and the repository's own, and never prompting. */
export class Git {
  /** Where it works. */
  readonly environment: Environment;
  readonly #execution: StepExecution;
  readonly #tool: Tool;
  readonly #env: Readonly<Record<string, string>>;

  private constructor(
    execution: StepExecution,
    parts: { readonly environment: Environment; readonly tool: Tool; readonly env: Readonly<Record<string, string>> },
  ) {
    this.environment = parts.environment;
    this.#execution = execution;
    this.#tool = parts.tool;
    this.#env = parts.env;
  }

  /**
   * @param environment where it works: the job's, or one on the runner's machine
   * @param auth settings with credentials: passed in the environment, so that they are neither stored nor shown in the
   * process list
   * @throws SluiceError `git-failed` if git is missing.
   */
  static async open(execution: StepExecution, environment: Environment, auth: GitSettings = []): Promise<Git> {
    const { folders } = environment;
    const { path } = execution;
    const tool = await environment.tool("git", path);
    if (tool === undefined)
      throw new SluiceError("git-failed", "git is not installed on this runner.", {
        help: "Install git; checkout needs it.",
      });
    const config = join(folders.plain, "gitconfig");
    await environment.write([{ path: config, content: configuration }]);
    const env = {
      PATH: path,
      HOME: folders.temp,
      LANG: "C.UTF-8",
      GIT_CONFIG_GLOBAL: config,
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_TERMINAL_PROMPT: "0",
      GIT_ASKPASS: "true",
      SSH_ASKPASS: "true",
      GIT_OPTIONAL_LOCKS: "0",
      GIT_LFS_SKIP_SMUDGE: "1",
      GIT_CONFIG_COUNT: String(auth.length),
      ...Object.fromEntries(
        auth.flatMap(([key, value], index) => [
          [`GIT_CONFIG_KEY_${index}`, key],
          [`GIT_CONFIG_VALUE_${index}`, value],
        ]),
      ),
    };
    return new Git(execution, { environment, tool, env });
  }

  /** Runs git with its messages in the step's log. @throws SluiceError `git-failed`. */
  async run(args: readonly string[], cwd: string): Promise<void> {
    const tail: string[] = [];
    const code = await this.#run(args, cwd, (bytes) => {
      tail.push(Buffer.from(bytes).toString("utf8"));
      if (tail.length > 20) tail.shift();
      return this.#execution.log.write([bytes]);
    });
    if (code !== 0) throw failed(args, code, tail.join(""));
  }

  /** Whether git succeeds; drops its messages. */
  async succeeds(args: readonly string[], cwd: string): Promise<boolean> {
    return (await this.#run(args, cwd, () => undefined)) === 0;
  }

  /** git's output if it succeeds, or undefined. */
  async answer(args: readonly string[], cwd: string): Promise<string | undefined> {
    const pieces: Uint8Array[] = [];
    const code = await this.#run(args, cwd, (bytes) => {
      pieces.push(bytes);
    });
    return code === 0 ? Buffer.concat(pieces).toString("utf8").replace(/\n$/, "") : undefined;
  }

  /** git's output without the final line break. @throws SluiceError `git-failed`. */
  async read(args: readonly string[], cwd: string): Promise<string> {
    const pieces: Uint8Array[] = [];
    const code = await this.#run(args, cwd, (bytes) => {
      pieces.push(bytes);
    });
    const text = Buffer.concat(pieces).toString("utf8");
    if (code !== 0) throw failed(args, code, text);
    return text.replace(/\n$/, "");
  }

  async #run(
    args: readonly string[],
    cwd: string,
    output: (bytes: Uint8Array) => Promise<void> | void,
  ): Promise<number> {
    const { signal } = this.#execution;
    if (signal.aborted) throw cancelled();
    const { exit } = await this.#start(args, cwd, output);
    const { code } = await exit;
    if (signal.aborted) throw cancelled();
    return code;
  }

  async #start(
    args: readonly string[],
    cwd: string,
    output: (bytes: Uint8Array) => Promise<void> | void,
  ): Promise<Started> {
    const { job, name, signal } = this.#execution;
    try {
      return await this.environment.start({
        description: { kind: "checkout", name, lines: [["git", ...args].join(" ")] },
        ...this.#tool,
        args,
        cwd,
        env: this.#env,
        output,
        signal,
        graceMs: job.ports.graceMs,
      });
    } catch (error) {
      throw error instanceof NotStarted ? new SluiceError("git-failed", error.message) : error;
    }
  }
}

function cancelled(): SluiceError {
  return new SluiceError("git-failed", "The checkout was cancelled.");
}

function failed(args: readonly string[], code: number, output: string): SluiceError {
  return new SluiceError(
    "git-failed",
    `git ${args.find((arg) => !arg.startsWith("-")) ?? ""} exited with code ${code}: ${output.trim().split("\n").slice(-5).join(" ") || "no further output"}`,
  );
}
