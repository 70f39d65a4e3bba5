import { SluiceError } from "../../model/index.ts";
import type { Call } from "../action/call.ts";
import { findProgram } from "../action/shell.ts";
import { markerName } from "../backend/host/leftovers.ts";

/** Runs git for a step, with nobody's configuration but ours and the repository's own, and never asking anybody. */
export class Git {
  private readonly call: Call;
  private readonly file: string;
  private readonly env: Readonly<Record<string, string>>;

  /** @param auth configuration that holds credentials: it goes through the environment, so that it is neither stored nor shown in the list of processes. */
  constructor(call: Call, auth: readonly (readonly [key: string, value: string])[] = []) {
    this.call = call;
    const path = call.path;
    const file = findProgram("git", path);
    if (file === undefined)
      throw new SluiceError("git-failed", "git is not installed on this runner.", {
        help: "Install git; checkout needs it.",
      });
    this.file = file;
    const config = Object.fromEntries(
      auth.flatMap(([key, value], index) => [
        [`GIT_CONFIG_KEY_${index}`, key],
        [`GIT_CONFIG_VALUE_${index}`, value],
      ]),
    );
    this.env = {
      PATH: path,
      HOME: call.job.folders.temp,
      LANG: "C.UTF-8",
      GIT_CONFIG_GLOBAL: call.job.folders.gitConfig,
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_TERMINAL_PROMPT: "0",
      GIT_ASKPASS: "true",
      SSH_ASKPASS: "true",
      GIT_OPTIONAL_LOCKS: "0",
      GIT_LFS_SKIP_SMUDGE: "1",
      [markerName]: call.job.folders.marker,
      GIT_CONFIG_COUNT: String(auth.length),
      ...config,
    };
  }

  /** Runs git with its messages in the step's log. @throws SluiceError `git-failed`. */
  async run(args: readonly string[], cwd: string): Promise<void> {
    const tail: string[] = [];
    const code = await this.start(args, cwd, (bytes) => {
      tail.push(Buffer.from(bytes).toString("utf8"));
      if (tail.length > 20) tail.shift();
      return this.call.log.write([bytes]);
    });
    if (code !== 0) throw failed(args, code, tail.join(""));
  }

  /** True when git succeeds; its messages are dropped. */
  async succeeds(args: readonly string[], cwd: string): Promise<boolean> {
    return (await this.start(args, cwd, () => undefined)) === 0;
  }

  /** What git prints when it succeeds; undefined when it does not. */
  async answer(args: readonly string[], cwd: string): Promise<string | undefined> {
    const pieces: Uint8Array[] = [];
    const code = await this.start(args, cwd, (bytes) => {
      pieces.push(bytes);
    });
    return code === 0 ? Buffer.concat(pieces).toString("utf8").replace(/\n$/, "") : undefined;
  }

  /** What git prints, without the last line's end. @throws SluiceError `git-failed`. */
  async read(args: readonly string[], cwd: string): Promise<string> {
    const pieces: Uint8Array[] = [];
    const code = await this.start(args, cwd, (bytes) => {
      pieces.push(bytes);
    });
    const text = Buffer.concat(pieces).toString("utf8");
    if (code !== 0) throw failed(args, code, text);
    return text.replace(/\n$/, "");
  }

  private async start(
    args: readonly string[],
    cwd: string,
    output: (bytes: Uint8Array) => Promise<void> | void,
  ): Promise<number> {
    const { job, signal } = this.call;
    if (signal.aborted) throw new SluiceError("git-failed", "The checkout was cancelled.");
    const end = await job.processes.run({
      file: this.file,
      args,
      cwd,
      env: this.env,
      output,
      signal,
      graceMs: job.ports.graceMs,
    });
    if (!end.started) throw new SluiceError("git-failed", end.reason);
    if (signal.aborted) throw new SluiceError("git-failed", "The checkout was cancelled.");
    return end.exitCode;
  }
}

function failed(args: readonly string[], code: number, output: string): SluiceError {
  return new SluiceError(
    "git-failed",
    `git ${args.find((arg) => !arg.startsWith("-")) ?? ""} ended with code ${code}: ${output.trim().split("\n").slice(-5).join(" ") || "it says nothing more"}`,
  );
}
