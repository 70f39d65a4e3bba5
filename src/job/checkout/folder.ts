import {
  appendFileSync,
  copyFileSync,
  cpSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  constants,
  realpathSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { refName, type Source } from "../../model/index.ts";
import type { Call } from "../action/call.ts";
import { isWithin } from "../archive/glob.ts";
import type { CheckoutOptions } from "./checkout.ts";
import type { Git } from "./git.ts";

type FolderSource = Extract<Source, { kind: "folder" }>;

/**
 * Brings a working tree of this machine into the workspace, as it is: its commits, and over them what is not committed
 * yet. The clone borrows the source's objects (`--shared`) and writes only its own, so a step's `git gc` or
 * `git reset` harms nothing; pushes are switched off, for the source's branches are the user's own.
 */
export async function copyFolder(
  call: Call,
  git: Git,
  source: FolderSource,
  options: CheckoutOptions,
  target: string,
): Promise<void> {
  const top = await git.succeeds(["rev-parse", "--is-inside-work-tree"], source.path);
  if (!top) {
    copyPlain(source.path, target, call.job.ports.workRoot);
    return;
  }
  const prefix = await git.read(["rev-parse", "--show-prefix"], source.path);
  // A folder inside a repository is a tree of its own here: its files count, the repository's history does not.
  if (prefix !== "" || !(await git.succeeds(["rev-parse", "--verify", "--quiet", "HEAD"], source.path))) {
    overlay(
      source.path,
      target,
      await listed(git, source.path, ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]),
    );
    return;
  }
  await cloneShared(call, git, source, options, target);
  const own = options.ref === "" || options.ref === source.ref || options.ref === source.sha;
  if (!own) return;
  const root = source.path;
  const changed = await listed(git, root, ["diff", "--no-ext-diff", "--no-renames", "--name-only", "-z", "HEAD"]);
  const added = await listed(git, root, ["ls-files", "-z", "--others", "--exclude-standard"]);
  overlay(
    root,
    target,
    [...changed, ...added].filter((name) => !isWithin(join(root, name), call.job.folders.root)),
  );
}

async function cloneShared(
  call: Call,
  git: Git,
  source: FolderSource,
  options: CheckoutOptions,
  target: string,
): Promise<void> {
  const root = await git.read(["rev-parse", "--show-toplevel"], source.path);
  const wanted = options.ref === "" ? source.sha : options.ref;
  const found = await commitOf(git, root, wanted);
  if (found === undefined && options.ref !== "" && options.ref !== source.sha && options.ref !== source.ref)
    call.log.warning(`This repository has no ${wanted}: what is checked out is the tree's own commit.`);
  const commit = found ?? (await git.answer(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"], root)) ?? "HEAD";
  await git.run(["init", "--quiet"], target);
  const common = await git.read(["rev-parse", "--path-format=absolute", "--git-common-dir"], root);
  appendFileSync(
    join(target, ".git", "config"),
    `[remote "origin"]\n\turl = "${quoted(root)}"\n\tpushurl = file:///pushing-from-a-local-run-is-switched-off\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n`,
  );
  shareObjects(common, target);
  await git.run(["fetch", "--quiet", "--tags", "origin"], target);
  const branch = /^refs\/heads\/(.+)$/.exec(options.ref === "" ? source.ref : "")?.[1];
  await git.run(
    branch === undefined
      ? ["checkout", "--quiet", "--force", "--detach", commit]
      : ["checkout", "--quiet", "--force", "-B", branch, commit],
    target,
  );
}

/** The commit of that name; none when the event was made up for a tree without it. */
async function commitOf(git: Git, root: string, wanted: string): Promise<string | undefined> {
  for (const name of [wanted, `refs/heads/${refName(wanted)}`, `refs/remotes/origin/${refName(wanted)}`]) {
    const found = /^0*$/.test(name)
      ? undefined
      : await git.answer(["rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`], root);
    if (found !== undefined) return found;
  }
  return undefined;
}

function shareObjects(common: string, target: string): void {
  const info = join(target, ".git", "objects", "info");
  mkdirSync(info, { recursive: true });
  writeFileSync(join(info, "alternates"), `"${quoted(join(common, "objects"))}"\n`);
}

/** git reads a name in quotes as C does: any folder name can be written so. */
function quoted(path: string): string {
  return path.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n").replaceAll("\t", "\\t");
}

async function listed(git: Git, root: string, args: readonly string[]): Promise<readonly string[]> {
  return (await git.read(args, root)).split("\0").filter((name) => name !== "");
}

/** Lays the source's files of these names over the target; those that the source does not have any more are removed. */
function overlay(source: string, target: string, names: readonly string[]): void {
  for (const name of names) {
    const from = join(source, name);
    const to = join(target, name);
    rmSync(to, { recursive: true, force: true });
    const stat = lstatSync(from, { throwIfNoEntry: false });
    if (stat === undefined) continue;
    mkdirSync(dirname(to), { recursive: true });
    if (stat.isSymbolicLink()) symlinkSync(readlinkSync(from), to);
    else if (stat.isFile()) copyFileSync(from, to, constants.COPYFILE_FICLONE);
  }
}

function copyPlain(source: string, target: string, workRoot: string): void {
  const work = realpathSync(workRoot);
  for (const name of readdirSync(source)) {
    cpSync(join(source, name), join(target, name), {
      recursive: true,
      verbatimSymlinks: true,
      mode: constants.COPYFILE_FICLONE,
      filter: (from) => !isWithin(from, work),
    });
  }
}
