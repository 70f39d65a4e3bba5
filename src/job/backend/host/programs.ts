import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join, resolve } from "node:path";

/** The first of these programs that may be run, in a search path or by its own path; undefined when there is none. */
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
    // A stat first: it says "no" without an exception, and most folders of a search path say no.
    if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) return false;
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    // It may not be run, or the folder may not be entered: a search path often names some of other users.
    return false;
  }
}
