import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { workflowPaths } from "../../model/index.ts";

// Not `promisify`: loading node:util costs a tenth of a bare Node start, and this runs before everything else.

/** What git knows about a working tree; for a folder without git, the best available values. */
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

/**
 * The absolute path of the working tree to use: `--dir` if set, or else the current folder. If a named file is
 * elsewhere, it is the repository that contains the file. A project named alone is its own tree.
 */
export function treeOf(options: { readonly dir?: string }, files: readonly string[] = []): string {
  if (options.dir !== undefined) return resolve(options.dir);
  const here = resolve(".");
  const [only] = files;
  if (only !== undefined && files.length === 1 && workflowPaths.some((path) => existsSync(resolve(only, path))))
    return resolve(only);
  const elsewhere = files
    .map((file) => resolve(file))
    .find((file) => file !== here && !file.startsWith(here === "/" ? here : `${here}/`));
  return elsewhere === undefined ? here : treeAround(elsewhere);
}

function treeAround(file: string): string {
  for (let folder = file; folder !== dirname(folder); folder = dirname(folder))
    if (existsSync(resolve(folder, ".git"))) return folder;
  // No repository: the parent of the dialects' folders, or else the file's folder.
  return /^(.+?)\/\.(?:github|gitea|forgejo|woodpecker|sluice)\//.exec(`${file}/`)?.[1] ?? dirname(file);
}

/** The last commit, the branch and the remote URL, separated by NUL. */
const questions =
  "git log -1 --no-show-signature --format=%H%x00%an%x00%ae%x00%cI%x00%B; printf '\\0'; git symbolic-ref --quiet HEAD; printf '\\0'; git config --get remote.origin.url";

/** Asks git about a working tree. Never fails if there is no repository or no commit. */
export async function inspectTree(dir: string): Promise<WorkingTree> {
  const answers = (await ask(dir)).split("\0");
  const [branch = "", url = ""] = answers.slice(-2).map((answer) => answer.trim());
  const [sha = "", name = "local", email = "", timestamp = "1970-01-01T00:00:00Z", message = ""] =
    answers.length > 3 ? answers : [];
  return {
    dir,
    git: sha !== "" || branch !== "",
    sha: sha === "" ? "0".repeat(40) : sha,
    ref: branch === "" ? "refs/heads/main" : branch,
    repository: repositoryName(url) ?? `local/${basename(dir)}`,
    ...(url === "" ? {} : { url }),
    author: { login: name, name, email },
    message: message.trim(),
    timestamp,
  };
}

/** `owner/name` of a clone URL, in any of git's forms. */
export function repositoryName(url: string | undefined): string | undefined {
  const match = /([^/:]+\/[^/:]+?)(?:\.git)?\/?$/.exec(url ?? "");
  return match?.[1];
}

/**
 * Empty if git is missing, fails, or prints nothing: all mean the same here. One shell runs all commands while the
 * program loads: each child that Node itself starts costs some milliseconds.
 */
function ask(dir: string): Promise<string> {
  const child = spawn("sh", ["-c", questions], {
    cwd: dir,
    env: { ...process.env, GIT_OPTIONAL_LOCKS: "0", LC_ALL: "C" },
    stdio: ["ignore", "pipe", "ignore"],
  });
  return new Promise((resolve) => {
    let answers = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (answers += text));
    child.once("error", () => resolve(""));
    child.once("close", () => resolve(answers));
  });
}
