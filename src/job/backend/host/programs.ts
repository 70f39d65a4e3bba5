import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join, resolve } from "node:path";

/** The first of these programs that is executable, in a search path or by its own path; undefined if there is none. */
export function findProgram(names: readonly string[], path: string): string | undefined {
  for (const name of names) {
    const file = name.includes("/") ? (isProgram(name) ? resolve(name) : undefined) : search(name, path);
    if (file !== undefined) return file;
  }
  return undefined;
}

function search(name: string, path: string): string | undefined {
  if (name === "") return undefined;
  for (const folder of path.split(delimiter)) {
    if (!isAbsolute(folder)) continue;
    const file = join(folder, name);
    if (isProgram(file)) return file;
  }
  return undefined;
}

function isProgram(file: string): boolean {
  try {
    // A stat first: it reports a missing file without an exception, and most folders of a search path do not have it.
    if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) return false;
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    // Not executable, or the folder is not accessible: a search path often contains folders of other users.
    return false;
  }
}
