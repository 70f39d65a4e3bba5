import { randomBytes } from "node:crypto";
import { type FileHandle, mkdir, open, rename, rm, stat, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { SluiceError } from "../model/index.ts";

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** Whether a file does not exist. */
export function isMissing(error: unknown): boolean {
  return codeOf(error) === "ENOENT";
}

/**
 * Maps a failed file operation to our codes: no space, a used-up quota and the process's own file limit are
 * `storage-full`.
 */
export function diskFailure(error: unknown, path: string): unknown {
  const code = codeOf(error);
  if (code === "ENOSPC" || code === "EDQUOT" || code === "EFBIG") {
    return new SluiceError("storage-full", `No space left to write ${path}.`, { cause: error });
  }
  if (code === "EIO" || code === "EROFS")
    return new SluiceError("storage-broken", `Cannot read or write the file ${path} (${code}).`, { cause: error });
  return error;
}

/** Writes all the bytes at the position; a single write may write fewer. */
export async function writeFully(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

/** Reads up to `length` bytes at the position: fewer only at the end of the file. */
export async function readFully(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(buffer, done, length - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return buffer.subarray(0, done);
}

/**
 * Creates a file completely or not at all, even if the machine loses power: `write` fills another file beside it, which
 * is synced and renamed. Whatever fails, nothing is left behind.
 */
export async function writeWhole<T>(path: string, write: (file: FileHandle) => Promise<T>): Promise<T> {
  const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    const file = await open(temporary, "wx", 0o600);
    let result: T;
    try {
      result = await write(file);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncFolder(dirname(path));
    return result;
  } catch (error) {
    await rm(temporary, { force: true });
    throw diskFailure(error, path);
  }
}

/** Less than this counts as full, in bytes: SQLite's log and a step's output need some. */
const leastSpace = 1024 * 1024;

/**
 * Rejects with `storage-full` if the volume of a folder has no space left; `thoroughly` also checks by writing, because
 * a quota only shows then.
 */
export async function checkSpace(folder: string, thoroughly: boolean): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize < leastSpace) throw new SluiceError("storage-full", `The volume of ${folder} has no space left.`);
  if (!thoroughly) return;
  const path = join(folder, "space.check");
  await writeWhole(path, (file) => writeFully(file, new Uint8Array(leastSpace / 4), 0));
  await rm(path, { force: true });
}

/** Whether a file was last written before, in milliseconds since 1970. False if it does not exist. */
export async function writtenBefore(path: string, before: number): Promise<boolean> {
  try {
    return (await stat(path)).mtimeMs < before;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Creates a folder and its parents, and syncs them to the disk. */
export async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let folder = dirname(path); folder.length >= dirname(first).length; folder = dirname(folder)) {
    await syncFolder(folder);
    if (folder === dirname(folder)) return;
  }
}

/** Syncs a rename to the disk. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
