import { chmod, lstat, mkdir, mkdtemp, readdir, realpath, rename, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { SluiceError } from "../../model/index.ts";
import { isRef } from "./names.ts";
import { git, tryGit } from "./process.ts";

/**
 * Makes an empty bare repository at `path`, with its parent folders; whole or not at all.
 * Rejects with `already-exists` when something is there.
 */
export async function createRepository(path: string, defaultBranch: string): Promise<void> {
  if (!isRef(`refs/heads/${defaultBranch}`))
    throw new SluiceError("call-invalid", `${defaultBranch} cannot be a branch.`);
  if ((await stat(path).catch(() => undefined)) !== undefined)
    throw new SluiceError("already-exists", `${path} is there already.`);
  await mkdir(dirname(path), { recursive: true });
  const draft = await mkdtemp(`${path}.new-`);
  try {
    await chmod(draft, 0o755);
    // An empty template: no sample hooks, nothing of the machine's own.
    await git(undefined, [
      "init",
      "--quiet",
      "--bare",
      "--template=",
      `--initial-branch=${defaultBranch}`,
      "--",
      draft,
    ]);
    for (const [key, value] of settings) await git(draft, ["config", key, value]);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
}

/** Reflogs let a forced push be looked into; broken or malicious objects are refused, but for the slips of old tools that real histories are full of. */
const settings: readonly (readonly [string, string])[] = [
  ["core.logAllRefUpdates", "true"],
  ["receive.fsckObjects", "true"],
  ["receive.fsck.zeroPaddedFilemode", "warn"],
  ["receive.fsck.missingSpaceBeforeDate", "warn"],
  ["receive.fsck.badTimezone", "warn"],
];

export interface Inspection {
  /** Absolute path of the repository. */
  readonly path: string;
  readonly defaultBranch: string;
}

/**
 * Looks at a bare repository that somebody wants to attach. Rejects with `call-invalid` when it is none, and with
 * `forbidden` when it belongs to another user: git runs what a repository's configuration and hooks say, as us.
 */
export async function inspectRepository(path: string): Promise<Inspection> {
  const absolute = await realpath(path).catch(() => resolve(path));
  const folder = await stat(absolute).catch(() => undefined);
  if (folder?.isDirectory() !== true)
    throw new SluiceError("call-invalid", `${absolute} is no folder.`, {
      help: "Give the path of a bare git repository.",
    });
  const user = process.getuid?.();
  if (user !== undefined && folder.uid !== user) {
    throw new SluiceError(
      "forbidden",
      `${absolute} belongs to another user (${folder.uid}) than the server's (${user}), who could make the server run anything.`,
      { help: "Run the server as that user, or change the owner of the repository." },
    );
  }
  const answer = await tryGit(absolute, ["rev-parse", "--is-bare-repository", "--absolute-git-dir"]);
  const [bare, directory] = answer.stdout.toString("utf8").split("\n");
  if (answer.status !== 0)
    throw new SluiceError("call-invalid", `${absolute} is no git repository.`, {
      help: "Give the path of a bare git repository, or make one with `git clone --bare`.",
    });
  // git looks upwards, too: a folder inside a repository is not the repository.
  if (bare === "true" && directory !== absolute)
    throw new SluiceError("call-invalid", `${absolute} lies inside the repository ${directory ?? ""}.`, {
      help: "Give the path of the repository itself.",
    });
  if (bare !== "true" || directory === undefined) {
    throw new SluiceError("call-invalid", `${absolute} is a working tree, not a bare repository.`, {
      help: "Make a bare one with `git clone --bare`, and push to that.",
    });
  }
  const head = (await git(absolute, ["symbolic-ref", "--quiet", "HEAD"]).catch(() => Buffer.from("refs/heads/main")))
    .toString("utf8")
    .trim();
  return { path: directory, defaultBranch: await born(directory, head.replace(/^refs\/heads\//, "")) };
}

/** The branch that HEAD names; where nobody ever pushed it (`git init` calls it master), the one that people mean. */
async function born(path: string, head: string): Promise<string> {
  if (await hasBranch(path, head)) return head;
  const branches = (await git(path, ["for-each-ref", "--count=1000", "--format=%(refname:lstrip=2)", "refs/heads"]))
    .toString("utf8")
    .split("\n");
  return ["main", "master", "trunk"].find((name) => branches.includes(name)) ?? (branches[0] || head);
}

/** True when nobody has pushed the default branch, and this one may take its place: somebody whose first branch is called otherwise. */
export async function mayBecomeDefault(path: string, current: string, pushed: string): Promise<boolean> {
  return pushed !== current && isRef(`refs/heads/${pushed}`) && !(await hasBranch(path, current));
}

/** Makes a branch the default one of a repository: the one that a clone gets. */
export async function setDefaultBranch(path: string, branch: string): Promise<void> {
  await git(path, ["symbolic-ref", "HEAD", `refs/heads/${branch}`]);
}

async function hasBranch(path: string, branch: string): Promise<boolean> {
  return (await tryGit(path, ["show-ref", "--verify", "--quiet", `refs/heads/${branch}`])).status === 0;
}

/** What a push that was killed left is swept away after so long, in milliseconds: no push lasts for that. */
const abandonedAfter = 24 * 3_600_000;

/** Sweeps away objects of pushes that were killed, and never became part of the repository: git itself keeps them for weeks. */
export async function sweepAbandoned(path: string, now: number): Promise<void> {
  const objects = join(path, "objects");
  for (const name of await readdir(objects)) {
    if (!name.startsWith("tmp_objdir-incoming-")) continue;
    const place = join(objects, name);
    const about = await lstat(place).catch(() => undefined);
    if (about !== undefined && now - about.mtimeMs > abandonedAfter) await rm(place, { recursive: true, force: true });
  }
}

/** Removes a repository that Sluice made. */
export async function removeRepository(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
}
