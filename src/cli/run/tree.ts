import { execFile } from "node:child_process";
import { basename, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** What git knows of a working tree; for a folder without git, what can be said all the same. */
export interface WorkingTree {
  readonly dir: string;
  readonly git: boolean;
  /** 40 zeros without a commit. */
  readonly sha: string;
  readonly ref: string;
  readonly repository: string;
  readonly url?: string;
  readonly author: { readonly login: string; readonly name: string; readonly email: string };
  readonly message: string;
  readonly timestamp: string;
}

/** The working tree that the options name, absolute. */
export function treeOf(options: { readonly dir?: string }): string {
  return resolve(options.dir ?? ".");
}

/** Asks git about a working tree. Never fails because there is no repository or no commit. */
export async function inspectTree(dir: string): Promise<WorkingTree> {
  const [log, branch, remote] = await Promise.all([
    git(dir, "log", "-1", "--no-show-signature", "--format=%H%x00%an%x00%ae%x00%cI%x00%B"),
    git(dir, "symbolic-ref", "--quiet", "HEAD"),
    git(dir, "config", "--get", "remote.origin.url"),
  ]);
  const [sha, name, email, timestamp, message] = (log ?? "").split("\0");
  const url = remote?.trim();
  return {
    dir,
    git: log !== undefined || branch !== undefined,
    sha: sha === undefined || sha === "" ? "0".repeat(40) : sha,
    ref: branch?.trim() ?? "refs/heads/main",
    repository: repositoryName(url) ?? `local/${basename(dir)}`,
    ...(url === undefined || url === "" ? {} : { url }),
    author: { login: name ?? "local", name: name ?? "local", email: email ?? "" },
    message: message?.trim() ?? "",
    timestamp: timestamp ?? "1970-01-01T00:00:00Z",
  };
}

/** `owner/name` of a clone address, in any of git's forms. */
export function repositoryName(url: string | undefined): string | undefined {
  const match = /([^/:]+\/[^/:]+?)(?:\.git)?\/?$/.exec(url ?? "");
  return match?.[1];
}

/** Undefined when git is missing, refuses, or has nothing to say. */
async function git(dir: string, ...args: string[]): Promise<string | undefined> {
  try {
    const { stdout } = await run("git", ["-C", dir, ...args], { env: { ...process.env, GIT_OPTIONAL_LOCKS: "0", LC_ALL: "C" }, maxBuffer: 16 * 1024 * 1024 });
    return stdout;
  } catch {
    // Any refusal means the same here: git cannot tell, and the caller has a default.
    return undefined;
  }
}
