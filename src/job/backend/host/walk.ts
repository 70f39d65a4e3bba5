import { lstatSync, readdirSync, realpathSync, statSync, type Stats } from "node:fs";
import { dirname, join } from "node:path";
import { SluiceError } from "../../../model/index.ts";
import { isWithin } from "../../archive/paths.ts";
import type { Entry, ListOptions } from "../files.ts";

interface Walk {
  readonly hidden: boolean;
  /** Real path of the folder that links must not leave; absent if links are not followed. */
  readonly inside?: string;
  readonly found: Entry[];
}

/** Lists a file, or a folder and everything in it. @throws SluiceError `artifact-unsafe` as in `Files.list`. */
export function walk(path: string, { hidden, follow }: ListOptions): readonly Entry[] {
  const found: Entry[] = [];
  visit(path, { hidden, found, ...(follow === undefined ? {} : { inside: realFolder(follow.inside) }) }, []);
  return found;
}

/** @param trail real paths of the folders above, to detect a cycle */
function visit(path: string, walk: Walk, trail: readonly string[]): void {
  const own = lstatSync(path, { throwIfNoEntry: false });
  if (own === undefined) return;
  const stat = own.isSymbolicLink() && walk.inside !== undefined ? followed(path, walk.inside) : own;
  if (stat === undefined) return;
  if (!stat.isDirectory()) {
    walk.found.push(entryOf(path, stat));
    return;
  }
  const real = own.isSymbolicLink() || trail.length === 0 ? realpathSync(path) : path;
  if (own.isSymbolicLink() && trail.some((above) => above === real || isWithin(above, real))) return;
  walk.found.push(entryOf(path, stat));
  const inner = [...trail, real];
  for (const name of readdirSync(path).toSorted())
    if (walk.hidden || !name.startsWith(".")) visit(join(path, name), walk, inner);
}

/** The target of a link; undefined if it leads nowhere. */
function followed(path: string, inside: string): Stats | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  const real = realpathSync(path);
  if (!isWithin(real, inside)) {
    throw new SluiceError("artifact-unsafe", `The link ${path} leads to ${real}, outside of ${inside}.`, {
      help: "Copy the file into the workspace, or exclude the link with an earlier `!` pattern.",
    });
  }
  return stat;
}

function realFolder(path: string): string {
  const folder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true ? path : dirname(path);
  try {
    return realpathSync(folder);
  } catch {
    // Missing: nothing will be found in it.
    return folder;
  }
}

/** An entry as `Files` describes it. */
export function entryOf(path: string, stat: Stats): Entry {
  if (stat.isFile()) return { path, kind: "file", size: stat.size };
  return { path, kind: stat.isDirectory() ? "folder" : stat.isSymbolicLink() ? "link" : "other", size: 0 };
}
