import { spawn, type ChildProcessByStdio } from "node:child_process";
import { existsSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { SluiceError, messageOf } from "../../model/index.ts";
import { forgeError } from "../failure.ts";

/** Timeout of a single git command, in milliseconds. */
const commandTimeout = 60_000;
/** Maximum stdout of a command, in bytes. */
const outputLimit = 64 * 1024 * 1024;
const errorLimit = 16 * 1024;

export type GitChild = ChildProcessByStdio<Writable, Readable, Readable>;

/**
 * The whole environment of a git child: nothing of ours leaks, no user or system configuration is read, nothing
 * prompts. `repository` is trusted only for this call, whoever owns it (git reads `safe.directory` from the command's
 * scope, never from the repository's own configuration).
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
    // A replace ref could show a different commit than the pushed one.
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
  // A reader that stops early closes the pipe; git's exit status says enough.
  child.stdin.on("error", () => undefined);
  return child;
}

/** Kills the child and everything it started. */
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
 * Limits for a command that walks the trees of commits: a few small objects can stand for more files than there are
 * atoms (a folder that contains itself ten times, ten levels deep), and git collects all of them before it prints one.
 */
const walkTimeout = 15_000;
const walkOutput = 8 * 1024 * 1024;
/** Maximum private memory, in KiB; mapped files do not count. */
const walkMemory = 512 * 1024;

/**
 * Runs git to its end, whatever its exit status. Rejects with `git-failed` if it cannot be started, hangs or prints too
 * much.
 */
export async function tryGit(repository: string | undefined, args: readonly string[], input = ""): Promise<GitResult> {
  return runGit(startGit(args, repository === undefined ? {} : { repository }), args, {
    repository,
    input,
    timeout: commandTimeout,
    output: outputLimit,
  });
}

/**
 * Like `tryGit`, for commands that walk trees: undefined if it fails or exceeds the time, memory or output of a walk.
 */
export async function walkGit(repository: string, args: readonly string[]): Promise<Buffer | undefined> {
  // If the system has no such limit, the others still apply.
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
  /** Maximum bytes read from its stdout. */
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
      throw failed(args, size > output ? "its output is too large" : `killed by ${signal ?? "a signal"}`);
    return { status, stdout: Buffer.concat(chunks, size), stderr: stderr.trim() };
  } catch (error) {
    if (error instanceof SluiceError) throw error;
    throw isGone(repository) ? gone(repository, error) : failed(args, messageOf(error), error);
  } finally {
    clearTimeout(timer);
  }
}

/** Runs git and returns its stdout; rejects with `git-failed` and git's own message on any exit status other than 0. */
export async function git(repository: string | undefined, args: readonly string[], input = ""): Promise<Buffer> {
  const result = await tryGit(repository, args, input);
  if (result.status !== 0) throw failed(args, result.stderr || `exit status ${result.status}`);
  return result.stdout;
}

/** A child cannot start in a missing folder, and reports it as if git itself were missing. */
export function isGone(repository: string | undefined): repository is string {
  return repository !== undefined && !existsSync(repository);
}

/** The repository is missing: it may come back with its disk. */
export function gone(repository: string, cause?: unknown): SluiceError {
  return forgeError("unavailable", `The git repository ${repository} does not exist.`, {
    help: "Restore it (is its disk mounted?), or remove it with `sluice repo remove`.",
    cause,
  });
}

function failed(args: readonly string[], why: string, cause?: unknown): SluiceError {
  return new SluiceError("git-failed", `git ${args[0] ?? ""}: ${why}`, cause === undefined ? {} : { cause });
}
