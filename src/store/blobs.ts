import { createReadStream, mkdirSync, readdirSync, rmSync } from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { SluiceError } from "../model/index.ts";
import { diskFailure, isMissing, makeFolder, writeFully, writeWhole, writtenBefore } from "./disk.ts";

/** Bytes by key, outside the database: artifacts and caches. Keys are ours, never user text. */
export interface Blobs {
  /**
   * Writes completely or not at all; rejects with `storage-full` and leaves nothing behind if the disk is full. At most
   * `limit` bytes.
   */
  put(key: string, content: AsyncIterable<Uint8Array>, limit?: number): Promise<{ readonly bytes: number }>;
  get(key: string): Promise<{ readonly bytes: number; readonly content: AsyncIterable<Uint8Array> }>;
  remove(key: string): Promise<void>;
  /** Keys of blobs that were written before, in milliseconds since 1970. */
  older(before: number): AsyncIterable<string>;
}

/**
 * Letters, digits, `-`, `_`, and `.` and `/` inside: never a path that leads out of the folder, nor our own temporary
 * files.
 */
const keyPattern = /^[A-Za-z0-9_-][A-Za-z0-9_.-]*(\/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*$/;

/** Blobs as files below `dir`, with keys as paths. One process uses a folder at a time (see `lockData`). */
export function openBlobs(dir: string): Blobs {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  removeLeftovers(dir);

  const pathOf = (key: string): string => {
    if (key.length > 200 || !keyPattern.test(key) || key.endsWith(".tmp"))
      throw new SluiceError("call-invalid", `Not a blob key: ${JSON.stringify(key.slice(0, 200))}.`);
    return join(dir, key);
  };

  return {
    async put(key, content, limit = Number.POSITIVE_INFINITY) {
      const path = pathOf(key);
      try {
        await makeFolder(dirname(path));
      } catch (error) {
        throw diskFailure(error, path);
      }
      return writeWhole(path, async (file) => {
        let bytes = 0;
        for await (const chunk of content) {
          if (bytes + chunk.length > limit)
            throw new SluiceError("payload-too-large", `The content is larger than the limit of ${limit} bytes.`);
          await writeFully(file, chunk, bytes);
          bytes += chunk.length;
        }
        return { bytes };
      });
    },

    async get(key) {
      const path = pathOf(key);
      try {
        const { size } = await stat(path);
        return { bytes: size, content: read(path) };
      } catch (error) {
        throw missing(error, key);
      }
    },

    async remove(key) {
      await rm(pathOf(key), { force: true });
    },

    older: (before) => olderFiles(dir, dir, before),
  };
}

/** Files below a folder that were written before, as paths from the base; what vanishes meanwhile is left out. */
async function* olderFiles(base: string, folder: string, before: number): AsyncGenerator<string> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* olderFiles(base, path, before);
    else if (entry.isFile() && !entry.name.endsWith(".tmp") && (await writtenBefore(path, before)))
      yield relative(base, path).replaceAll(sep, "/");
  }
}

/** Opens the file on the first read, so that an unread response leaves no file open. */
async function* read(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path, { highWaterMark: 256 * 1024 });
  } catch (error) {
    throw missing(error, path);
  }
}

function missing(error: unknown, what: string): unknown {
  return isMissing(error)
    ? new SluiceError("storage-broken", `The stored file ${what} is missing.`, { cause: error })
    : diskFailure(error, what);
}

/** Files that a process was writing when it died. */
function removeLeftovers(dir: string): void {
  for (const entry of readdirSync(dir, { withFileTypes: true, recursive: true })) {
    if (entry.isFile() && entry.name.endsWith(".tmp")) rmSync(join(entry.parentPath, entry.name), { force: true });
  }
}
