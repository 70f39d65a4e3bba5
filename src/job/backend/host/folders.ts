import { execFile } from "node:child_process";
import { chmodSync, lstatSync, mkdirSync, readdirSync, readlinkSync, realpathSync, symlinkSync } from "node:fs";
import { rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { messageOf, SluiceError } from "../../../model/index.ts";
import type { Folders } from "../port.ts";
import { killLeftovers } from "./leftovers.ts";
import { isAbandoned, killOwner, writeOwner } from "./owner.ts";
import { randomHex } from "./random.ts";

/** The folders of one job, created for it and removed after it. */
export interface JobFolders extends Folders {
  /** The name of `job`: random, and never reused. Every process of the job carries it. */
  readonly marker: string;
}

const jobName = /^job-[0-9a-f]{20}$/;
const ownName = /^(?:job-[0-9a-f]{20}|pipes-[0-9a-f]{16})$/;

/** Creates a job's folders. @throws SluiceError `storage-full`, or `unavailable` if the work folder is not writable. */
export function makeFolders(workRoot: string): JobFolders {
  try {
    mkdirSync(workRoot, { recursive: true });
    const marker = `job-${randomHex(10)}`;
    // Resolved: steps compare their working directory with GITHUB_WORKSPACE.
    const root = join(realpathSync(workRoot), marker);
    mkdirSync(root, { mode: 0o700 });
    writeOwner(root);
    const plain = makePlain(root, marker);
    const folders: JobFolders = {
      job: root,
      marker,
      workspace: join(root, "workspace"),
      plain,
      temp: join(plain, "temp"),
      tools: join(plain, "tools"),
      home: homedir(),
    };
    for (const folder of [folders.workspace, folders.temp, folders.tools]) mkdirSync(folder);
    return folders;
  } catch (error) {
    const full = error instanceof Error && "code" in error && (error.code === "ENOSPC" || error.code === "EDQUOT");
    throw new SluiceError(
      full ? "storage-full" : "unavailable",
      `Cannot create the job's folders in ${workRoot}: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

/**
 * Many scripts write `>> $GITHUB_ENV` without quotes. If the work folder's name contains a space (or worse), those
 * files are elsewhere, and a link in the job's folder leads to them.
 */
function makePlain(root: string, marker: string): string {
  if (plainPath.test(root) || !plainPath.test(tmpdir())) return root;
  const elsewhere = join(tmpdir(), `sluice-${marker}`);
  mkdirSync(elsewhere, { mode: 0o700 });
  symlinkSync(elsewhere, join(root, link));
  return elsewhere;
}

const plainPath = /^[\w./+:@%,=-]+$/;
const link = "elsewhere";

/** Removes the folders of a job. */
export async function removeJob(root: string): Promise<void> {
  const elsewhere = linkTarget(join(root, link));
  // Only a folder we created: a step may have changed the link.
  if (elsewhere !== undefined && elsewhere === join(tmpdir(), `sluice-${basename(root)}`))
    await removeFolder(elsewhere);
  await removeFolder(root);
}

function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    // Not a link: everything is in one place.
    return undefined;
  }
}

/** Removes one of our folders with everything in it, including read-only folders. Does not follow links. */
async function removeFolder(folder: string): Promise<void> {
  const options = { recursive: true, force: true, maxRetries: 3, retryDelay: 20 } as const;
  try {
    await rm(folder, options);
  } catch {
    // A folder without write permission keeps its files; after this pass a second attempt shows what really is in the
    // way.
    makeWritable(folder);
    await rm(folder, options).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== "ENAMETOOLONG") throw error;
      // Nested folders deeper than the path limit, which a step can create by changing into them. The program changes
      // into them as well.
      await promisify(execFile)("rm", ["-rf", "--", folder]).catch(() => Promise.reject(error));
    });
  }
}

function makeWritable(folder: string): void {
  try {
    if (!lstatSync(folder).isDirectory()) return;
    chmodSync(folder, 0o700);
    for (const entry of readdirSync(folder, { withFileTypes: true }))
      if (entry.isDirectory()) makeWritable(join(folder, entry.name));
  } catch {
    // Somebody else's, or gone meanwhile: the removal that follows reports what matters.
  }
}

export interface SweepOptions {
  readonly alone?: boolean;
  /** Receives each folder that could not be removed, and why. */
  readonly onLeft?: (message: string) => void;
}

/**
 * Cleans up after an earlier life of the runner, at its start: kills the processes of jobs whose runner is gone and
 * removes their folders. Jobs of other living runners in the same folder stay, unless this runner is the only one
 * allowed to use it (`alone`): then a living one is a leftover too, and is killed. Returns the removed folders. What
 * cannot be removed is left, passed to `onLeft`, and harms nobody: never rejects because of the folder's content.
 */
export async function sweepWorkRoot(
  workRoot: string,
  { alone = false, onLeft }: SweepOptions = {},
): Promise<readonly string[]> {
  const removed: string[] = [];
  for (const folder of foldersIn(workRoot)) {
    if (alone) killOwner(folder);
    else if (!isAbandoned(folder)) continue;
    if (jobName.test(basename(folder))) killTraces(folder);
    try {
      await removeJob(folder);
      removed.push(folder);
    } catch (error) {
      onLeft?.(`Cannot remove ${folder}: ${messageOf(error).slice(0, 200)}`);
    }
  }
  return removed;
}

/** Kills everything that the jobs in a work folder have started, at once. Their folders stay. */
export function killJobs(workRoot: string): void {
  for (const folder of foldersIn(workRoot)) if (jobName.test(basename(folder))) killTraces(folder);
}

/** Kills what an earlier runner left in a folder of its own, a work folder or a job's, and removes everything in it. */
export async function clearFolder(folder: string): Promise<void> {
  await sweepWorkRoot(folder, { alone: true });
  killOwner(folder);
  killTraces(folder);
  for (const name of readdirSync(folder)) await removeFolder(join(folder, name));
}

function killTraces(folder: string): void {
  killLeftovers({ marker: basename(folder), folder, groups: new Set() });
}

/** The folders of jobs and pipes in a work folder; empty if it does not exist yet. */
function foldersIn(workRoot: string): readonly string[] {
  let names: string[];
  try {
    names = readdirSync(workRoot);
  } catch {
    // Not created yet, or gone: nothing to clean up.
    return [];
  }
  const root = realpathSync(workRoot);
  return names.filter((name) => ownName.test(name)).map((name) => join(root, name));
}
