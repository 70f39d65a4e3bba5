import { join } from "node:path";
import { refName, type Source } from "../../model/index.ts";
import type { StepExecution } from "../action/execution.ts";
import type { Git } from "./git.ts";
import type { CheckoutOptions } from "./options.ts";

/** A configuration that git writes itself has a few hundred bytes. */
const mostConfigBytes = 1024 * 1024;

type FolderSource = Extract<Source, { kind: "folder" }>;

/**
 * Copies a working tree of this machine into the workspace: its commits, and over them the uncommitted changes. If
 * possible, the clone borrows the source's objects (like `--shared`) and writes only its own, so a step's `git gc` or
 * `git reset` is harmless; pushes are disabled, because the source's branches belong to the user.
 */
export async function copyFolder(
  execution: StepExecution,
  git: Git,
  source: FolderSource,
  options: CheckoutOptions,
  target: string,
): Promise<void> {
  const { environment } = git;
  const top = await git.succeeds(["rev-parse", "--is-inside-work-tree"], source.path);
  if (!top) {
    await environment.copy(source.path, target);
    return;
  }
  const prefix = await git.read(["rev-parse", "--show-prefix"], source.path);
  // A folder inside a repository is a tree of its own here: its files count, the repository's history does not.
  if (prefix !== "" || !(await git.succeeds(["rev-parse", "--verify", "--quiet", "HEAD"], source.path))) {
    const files = await listed(git, source.path, ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    await environment.copy(source.path, target, files);
    return;
  }
  await clone(execution, git, source, options, target);
  const own = options.ref === "" || options.ref === source.ref || options.ref === source.sha;
  if (!own) return;
  const root = source.path;
  const changed = await listed(git, root, ["diff", "--no-ext-diff", "--no-renames", "--name-only", "-z", "HEAD"]);
  const added = await listed(git, root, ["ls-files", "-z", "--others", "--exclude-standard"]);
  await environment.copy(root, target, [...changed, ...added]);
}

async function clone(
  execution: StepExecution,
  git: Git,
  source: FolderSource,
  options: CheckoutOptions,
  target: string,
): Promise<void> {
  const root = await git.read(["rev-parse", "--show-toplevel"], source.path);
  const wanted = options.ref === "" ? source.sha : options.ref;
  const found = await commitOf(git, root, wanted);
  if (found === undefined && options.ref !== "" && options.ref !== source.sha && options.ref !== source.ref)
    execution.log.warning(`This repository has no ${wanted}; checking out the tree's own commit instead.`);
  const commit = found ?? (await git.answer(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"], root)) ?? "HEAD";
  await git.run(["init", "--quiet"], target);
  const common = await git.read(["rev-parse", "--path-format=absolute", "--git-common-dir"], root);
  const config = join(target, ".git", "config");
  const [before] = await git.environment.read([config], { mostBytes: mostConfigBytes });
  const remote = `[remote "origin"]\n\turl = "${quoted(root)}"\n\tpushurl = file:///pushing-from-a-local-run-is-switched-off\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n`;
  await git.environment.write([
    { path: config, content: `${before?.content?.toString("utf8") ?? ""}${remote}` },
    ...(git.environment === execution.job.environment
      ? [
          {
            path: join(target, ".git", "objects", "info", "alternates"),
            content: `"${quoted(join(common, "objects"))}"\n`,
          },
        ]
      : []),
  ]);
  await git.run(["fetch", "--quiet", "--tags", "origin"], target);
  const branch = /^refs\/heads\/(.+)$/.exec(options.ref === "" ? source.ref : "")?.[1];
  await git.run(
    branch === undefined
      ? ["checkout", "--quiet", "--force", "--detach", commit]
      : ["checkout", "--quiet", "--force", "-B", branch, commit],
    target,
  );
}

/** The commit with that name; none if the event was made up for a tree without it. */
async function commitOf(git: Git, root: string, wanted: string): Promise<string | undefined> {
  for (const name of [wanted, `refs/heads/${refName(wanted)}`, `refs/remotes/origin/${refName(wanted)}`]) {
    const found = /^0*$/.test(name)
      ? undefined
      : await git.answer(["rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`], root);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** git parses quoted names like C: any folder name can be written so. */
function quoted(path: string): string {
  return path.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n").replaceAll("\t", "\\t");
}

async function listed(git: Git, root: string, args: readonly string[]): Promise<readonly string[]> {
  return (await git.read(args, root)).split("\0").filter((name) => name !== "");
}
