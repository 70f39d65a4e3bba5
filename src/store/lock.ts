import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { SluiceError } from "../model/index.ts";
import { isBusy, sqliteFailure } from "./database/failure.ts";

export interface DataLock {
  release(): void;
}

/**
 * Makes this process the only server on a data folder, which is created if absent. Throws `data-locked` if another
 * process has it.
 */
export function lockData(dir: string): DataLock {
  return lockFile(join(dir, "lock"), `Another server is using the data folder ${dir}.`);
}

/**
 * Locks a file, creating it and its folder if absent. The lock is the kernel's, on an open file (through SQLite, since
 * Node has no file locks), so it ends with the process however that dies. Throws `data-locked` with this message if
 * another process has it.
 */
export function lockFile(path: string, refusal: string): DataLock {
  let file: DatabaseSync | undefined;
  try {
    // Only the folder itself is private: its parents, if created too, are not.
    mkdirSync(dirname(dirname(path)), { recursive: true });
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    file = new DatabaseSync(path, { timeout: 0 });
    // Kept in memory: the lock file itself is never written, so a full disk does not keep a server from starting.
    file.exec("pragma journal_mode = memory; begin exclusive;");
  } catch (error) {
    file?.close();
    if (isBusy(error)) throw new SluiceError("data-locked", refusal, { cause: error });
    throw sqliteFailure(error, path);
  }
  const locked = file;
  held.add(locked);
  return {
    release() {
      if (held.delete(locked)) locked.close();
    },
  };
}

/** The garbage collector closes an unreferenced file, and the lock would be gone: these live until released. */
const held = new Set<DatabaseSync>();
