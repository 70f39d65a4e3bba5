import { chmod, chown, lstat, mkdir, readdir, rmdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Config } from "../../config/index.ts";
import { SluiceError, messageOf } from "../../model/index.ts";
import { userName, type RunnerUser } from "../../runner/index.ts";
import { databaseOf } from "../storage/index.ts";
import { clearAs } from "./once.ts";

/**
 * Makes the folder in which that user's jobs have theirs, `work/<uid>`, and lets the user through to it and to nothing
 * else: the data folder and `work` may be passed but not listed, and everything else in the data folder is its owner's.
 * Rejects with `runner-user` when the user owns part of the data folder, for then no mode could keep it out.
 */
export async function makeWorkRoot(config: Config, work: string, user: RunnerUser): Promise<string> {
  const { data } = config;
  for (const path of await guarded(config)) if (path !== work) await close(path, undefined, user);
  for (const path of [work, data]) await close(path, 0o711, user);
  const root = join(work, String(user.uid));
  // `work` is root's: nobody else can put something in this place meanwhile.
  await mkdir(root, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
  if (!(await lstat(root)).isDirectory())
    throw new SluiceError("storage-broken", `${root} is no folder.`, { help: "Remove it; the server makes it again." });
  await chown(root, user.uid, user.gid);
  await chmod(root, 0o700);
  return root;
}

/** What is in the data folder, and the files of a database elsewhere. */
async function guarded(config: Config): Promise<readonly string[]> {
  const inside = (await readdir(config.data)).map((name) => join(config.data, name));
  const database = databaseOf(config);
  const file = database.startsWith("sqlite:") ? database.slice("sqlite:".length) : undefined;
  return file === undefined ? inside : [...inside, ...["", "-wal", "-shm", ".lock"].map((end) => `${file}${end}`)];
}

async function close(path: string, mode: number | undefined, user: RunnerUser): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  // Gone meanwhile (SQLite's own files), or a link that leads nowhere.
  if (found === undefined) return;
  if (found.uid === user.uid)
    throw new SluiceError(
      "runner-user",
      `${path} belongs to ${userName(user)}, whom jobs run as: they could read it.`,
      { help: "Give the data folder to root (`chown -R root`), or let jobs run as another user with `runner.user`." },
    );
  const wanted = mode ?? found.mode & 0o7700;
  if ((found.mode & 0o7777) === wanted) return;
  await chmod(path, wanted).catch((error: unknown) => {
    throw new SluiceError(
      "runner-user",
      `${path} cannot be closed to ${userName(user)}, whom jobs run as: ${messageOf(error)}`,
      { help: "Let the data folder be on a file system that has owners and modes.", cause: error },
    );
  });
}

/**
 * Removes what runners of earlier processes left that were other users, whom `keep` is none of. It is done as those
 * users: root's own hand in a folder that is somebody else's could be led elsewhere by links.
 */
export async function clearOthers(work: string, keep: RunnerUser | undefined): Promise<number> {
  let cleared = 0;
  for (const name of await readdir(work)) {
    const folder = join(work, name);
    const { uid, gid } = await lstat(folder);
    if (uid === 0 || uid === keep?.uid) continue;
    await clearAs({ uid, gid }, folder);
    await rmdir(folder);
    cleared += 1;
  }
  return cleared;
}
