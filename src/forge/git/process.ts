import { spawn, type ChildProcessByStdio } from "node:child_process";
import { existsSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { SluiceError, messageOf } from "../../model/index.ts";
import { forgeError } from "../failure.ts";

/** How long a single git command of ours may take, in milliseconds. */
const commandTimeout = 60_000;
/** The most standard output that a command may give, in bytes. */
const outputLimit = 64 * 1024 * 1024;
const errorLimit = 16 * 1024;

export type GitChild = ChildProcessByStdio<Writable, Readable, Readable>;

/**
 * The whole environment of a git child: nothing of ours leaks, no configuration of the user or system is
 * read, nothing prompts. `repository` is trusted for this call only, whoever owns it (git's `safe.directory`
 * is read from the command's scope, never from the repository's own configuration).
 */
export function gitEnvironment(
  repository: string | undefined,
  config: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const settings = { ...(repository === undefined ? {} : { "safe.directory": repository }), ...config };
  const environment: Record<string, string> = {
    PATH: process.env["PATH"] ?? "/usr/local/bin:/usr/bin:/bin",
    LC_ALL: "C",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_TERMINAL_PROMPT: "0",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_LITERAL_PATHSPECS: "1",
    // A replace ref could show another commit than the one that was pushed.
    GIT_NO_REPLACE_OBJECTS: "1",
    GIT_CONFIG_COUNT: String(Object.keys(settings).length),
  };
  for (const [index, [key, value]] of Object.entries(settings).entries()) {
    environment[`GIT_CONFIG_KEY_${index}`] = key;
    environment[`GIT_CONFIG_VALUE_${index}`] = value;
  }
  return environment;
}

/** Starts git in its own process group; the caller owns it and ends it with `killGroup`. */
export function startGit(
  args: readonly string[],
  options: {
    readonly repository?: string;
    readonly environment?: Readonly<Record<string, string>>;
    readonly command?: string;
  },
): GitChild {
  const child = spawn(options.command ?? "git", args, {
    ...(options.repository === undefined ? {} : { cwd: options.repository }),
    env: options.environment ?? gitEnvironment(options.repository),
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  // A reader that ends early closes the pipe; git's exit status tells the story.
  child.stdin.on("error", () => undefined);
  return child;
}

/** Ends the child and everything it started. */
export function killGroup(
  child: Pick<GitChild, "pid" | "exitCode" | "signalCode">,
  signal: NodeJS.Signals = "SIGKILL",
): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group has ended between the check and the call.
  }
}

export interface GitResult {
  readonly status: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/**
 * What a command may cost that walks through the trees of commits: a few small objects may stand for more files than
 * there are atoms (a folder that holds itself ten times, ten levels deep), and git gathers all of them before it says one.
 */
const walkTimeout = 15_000;
const walkOutput = 8 * 1024 * 1024;
/** Most memory of its own, in KiB; files that are mapped do not count. */
const walkMemory = 512 * 1024;

/** Runs git to its end, whatever its exit status. Rejects with `git-failed` when it cannot be started, hangs or floods. */
export async function tryGit(repository: string | undefined, args: readonly string[], input = ""): Promise<GitResult> {
  return runGit(startGit(args, repository === undefined ? {} : { repository }), args, {
    repository,
    input,
    timeout: commandTimeout,
    output: outputLimit,
  });
}

/** Like `tryGit`, for what walks through trees: undefined when it fails, or would take more time, memory or output than a walk may. */
export async function walkGit(repository: string, args: readonly string[]): Promise<Buffer | undefined> {
  // Where the system knows no such limit the others count.
  const limited = ["-c", `ulimit -d ${walkMemory} 2>/dev/null; exec git "$@"`, "git", ...args];
  const child = startGit(limited, { repository, environment: gitEnvironment(repository), command: "/bin/sh" });
  const result = await runGit(child, args, { repository, input: "", timeout: walkTimeout, output: walkOutput }).catch(
    (error: unknown) => {
      if (error instanceof SluiceError) return undefined;
      throw error;
    },
  );
  return result?.status === 0 ? result.stdout : undefined;
}

interface RunOptions {
  readonly repository: string | undefined;
  readonly input: string;
  /** In milliseconds. */
  readonly timeout: number;
  /** The most that is taken of its standard output, in bytes. */
  readonly output: number;
}

async function runGit(
  child: GitChild,
  args: readonly string[],
  { repository, input, timeout, output }: RunOptions,
): Promise<GitResult> {
  const timer = setTimeout(() => killGroup(child), timeout);
  const chunks: Buffer[] = [];
  let size = 0;
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > output) killGroup(child);
    else chunks.push(chunk);
  });
  child.stderr.on("data", (chunk: Buffer) => {
    if (stderr.length < errorLimit) stderr += chunk.toString("utf8");
  });
  child.stdin.end(input);
  try {
    const [status, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code, by) => resolve([code, by]));
    });
    if (status === null)
      throw failed(args, size > output ? "its output is too large" : `it was ended by ${signal ?? "a signal"}`);
    return { status, stdout: Buffer.concat(chunks, size), stderr: stderr.trim() };
  } catch (error) {
    if (error instanceof SluiceError) throw error;
    throw isGone(repository) ? gone(repository, error) : failed(args, messageOf(error), error);
  } finally {
    clearTimeout(timer);
  }
}

/** Runs git and answers with its standard output; rejects with `git-failed` and git's own words on any other exit status than 0. */
export async function git(repository: string | undefined, args: readonly string[], input = ""): Promise<Buffer> {
  const result = await tryGit(repository, args, input);
  if (result.status !== 0) throw failed(args, result.stderr || `exit status ${result.status}`);
  return result.stdout;
}

/** A child cannot start in a folder that is not there, and says so as if git itself were missing. */
export function isGone(repository: string | undefined): repository is string {
  return repository !== undefined && !existsSync(repository);
}

/** The repository is not there: it may come back with its disk. */
export function gone(repository: string, cause?: unknown): SluiceError {
  return forgeError("unavailable", `The git repository ${repository} is not there.`, {
    help: "Bring it back (is its disk mounted?), or remove it with `sluice repo remove`.",
    cause,
  });
}

function failed(args: readonly string[], why: string, cause?: unknown): SluiceError {
  return new SluiceError("git-failed", `git ${args[0] ?? ""}: ${why}`, cause === undefined ? {} : { cause });
}
