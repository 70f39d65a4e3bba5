import { chmod, chown, lstat, mkdir, readdir, rmdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Config } from "../../config/index.ts";
import { SluiceError, messageOf } from "../../model/index.ts";
import { userName, type RunnerUser } from "../../runner/index.ts";
import { databaseOf } from "../storage/index.ts";
import { clearAs } from "./once.ts";

/**
 * Creates the folder for that user's jobs, `work/<uid>`, and gives the user access to it and to nothing else: the data
 * folder and `work` can be passed but not listed, and everything else in the data folder belongs to its owner. Rejects
 * with `runner-user` if the user owns part of the data folder, because then no mode could keep it out.
 */
export async function makeWorkRoot(config: Config, work: string, user: RunnerUser): Promise<string> {
  const { data } = config;
  for (const path of await guarded(config)) if (path !== work) await close(path, undefined, user);
  for (const path of [work, data]) await close(path, 0o711, user);
  const root = join(work, String(user.uid));
  // `work` belongs to root: nobody else can put something here in the meantime.
  await mkdir(root, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
  if (!(await lstat(root)).isDirectory())
    throw new SluiceError("storage-broken", `${root} is not a folder.`, {
      help: "Remove it; the server creates it again.",
    });
  await chown(root, user.uid, user.gid);
  await chmod(root, 0o700);
  return root;
}

/** Everything in the data folder, and the files of a database elsewhere. */
async function guarded(config: Config): Promise<readonly string[]> {
  const inside = (await readdir(config.data)).map((name) => join(config.data, name));
  const database = databaseOf(config);
  const file = database.startsWith("sqlite:") ? database.slice("sqlite:".length) : undefined;
  return file === undefined ? inside : [...inside, ...["", "-wal", "-shm", ".lock"].map((end) => `${file}${end}`)];
}

async function close(path: string, mode: number | undefined, user: RunnerUser): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  // Gone in the meantime (SQLite's own files), or a link that leads nowhere.
  if (found === undefined) return;
  if (found.uid === user.uid)
    throw new SluiceError(
      "runner-user",
      `${path} belongs to ${userName(user)}, who runs the jobs: they could read it.`,
      { help: "Give the data folder to root (`chown -R root`), or set another user with `runner.user`." },
    );
  const wanted = mode ?? found.mode & 0o7700;
  if ((found.mode & 0o7777) === wanted) return;
  await chmod(path, wanted).catch((error: unknown) => {
    throw new SluiceError(
      "runner-user",
      `Cannot close ${path} to ${userName(user)}, who runs the jobs: ${messageOf(error)}`,
      { help: "Put the data folder on a file system with owners and modes.", cause: error },
    );
  });
}

/**
 * Removes what runners of earlier processes left as other users, except `keep`. Runs as those users: root's own access
 * to a folder that belongs to someone else could be misled by links.
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
