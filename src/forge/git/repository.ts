import { chmod, lstat, mkdir, mkdtemp, readdir, realpath, rename, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { SluiceError } from "../../model/index.ts";
import { isRef } from "./names.ts";
import { git, tryGit } from "./process.ts";

/**
 * Creates an empty bare repository at `path`, with its parent folders; completely or not at all. Rejects with
 * `already-exists` if something is there.
 */
export async function createRepository(path: string, defaultBranch: string): Promise<void> {
  if (!isRef(`refs/heads/${defaultBranch}`))
    throw new SluiceError("call-invalid", `${defaultBranch} is not a valid branch name.`);
  if ((await stat(path).catch(() => undefined)) !== undefined)
    throw new SluiceError("already-exists", `${path} already exists.`);
  await mkdir(dirname(path), { recursive: true });
  const draft = await mkdtemp(`${path}.new-`);
  try {
    await chmod(draft, 0o755);
    // An empty template: no sample hooks, nothing from the machine.
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

/**
 * Reflogs make a forced push traceable; broken or malicious objects are rejected, except for the mistakes of old tools
 * that real histories are full of.
 */
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
 * Checks a bare repository before attaching it. Rejects with `call-invalid` if it is not one, and with `forbidden` if
 * it belongs to another user: git runs a repository's configuration and hooks as our user.
 */
export async function inspectRepository(path: string): Promise<Inspection> {
  const absolute = await realpath(path).catch(() => resolve(path));
  const folder = await stat(absolute).catch(() => undefined);
  if (folder?.isDirectory() !== true)
    throw new SluiceError("call-invalid", `${absolute} is not a folder.`, {
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
    throw new SluiceError("call-invalid", `${absolute} is not a git repository.`, {
      help: "Give the path of a bare git repository, or create one with `git clone --bare`.",
    });
  // git also searches upwards: a folder inside a repository is not the repository.
  if (bare === "true" && directory !== absolute)
    throw new SluiceError("call-invalid", `${absolute} is inside the repository ${directory ?? ""}.`, {
      help: "Give the path of the repository itself.",
    });
  if (bare !== "true" || directory === undefined) {
    throw new SluiceError("call-invalid", `${absolute} is a working tree, not a bare repository.`, {
      help: "Create a bare one with `git clone --bare`, and push to that.",
    });
  }
  const head = (await git(absolute, ["symbolic-ref", "--quiet", "HEAD"]).catch(() => Buffer.from("refs/heads/main")))
    .toString("utf8")
    .trim();
  return { path: directory, defaultBranch: await born(directory, head.replace(/^refs\/heads\//, "")) };
}

/** The branch that HEAD names; if nobody ever pushed it (`git init` calls it master), the one that people mean. */
async function born(path: string, head: string): Promise<string> {
  if (await hasBranch(path, head)) return head;
  const branches = (await git(path, ["for-each-ref", "--count=1000", "--format=%(refname:lstrip=2)", "refs/heads"]))
    .toString("utf8")
    .split("\n");
  return ["main", "master", "trunk"].find((name) => branches.includes(name)) ?? (branches[0] || head);
}

/**
 * Whether nobody has pushed the default branch, and this one may replace it: the first branch of some users has another
 * name.
 */
export async function mayBecomeDefault(path: string, current: string, pushed: string): Promise<boolean> {
  return pushed !== current && isRef(`refs/heads/${pushed}`) && !(await hasBranch(path, current));
}

/** Makes a branch the default of a repository: the one that a clone checks out. */
export async function setDefaultBranch(path: string, branch: string): Promise<void> {
  await git(path, ["symbolic-ref", "HEAD", `refs/heads/${branch}`]);
}

async function hasBranch(path: string, branch: string): Promise<boolean> {
  return (await tryGit(path, ["show-ref", "--verify", "--quiet", `refs/heads/${branch}`])).status === 0;
}

/** Age after which the remains of a killed push are swept, in milliseconds: no push lasts that long. */
const abandonedAfter = 24 * 3_600_000;

/** Sweeps objects of killed pushes that never became part of the repository: git itself keeps them for weeks. */
export async function sweepAbandoned(path: string, now: number): Promise<void> {
  const objects = join(path, "objects");
  for (const name of await readdir(objects)) {
    if (!name.startsWith("tmp_objdir-incoming-")) continue;
    const place = join(objects, name);
    const about = await lstat(place).catch(() => undefined);
    if (about !== undefined && now - about.mtimeMs > abandonedAfter) await rm(place, { recursive: true, force: true });
  }
}

/** Removes a repository that Sluice created. */
export async function removeRepository(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
}
