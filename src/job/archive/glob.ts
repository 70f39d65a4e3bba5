import { lstatSync, readdirSync, realpathSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join, resolve, sep } from "node:path";
import picomatch from "picomatch";
import { SluiceError } from "../../model/index.ts";

export interface SearchOptions {
  /** Where relative patterns begin. */
  readonly base: string;
  /** Also files and folders whose names begin with a dot. */
  readonly hidden: boolean;
  /** Go through symbolic links. Without it links to folders are not entered and links to files not taken. */
  readonly follow: boolean;
  /** Leave out what lies outside of this folder. */
  readonly within?: string;
}

export interface Found {
  /** Absolute paths of regular files, sorted. */
  readonly files: readonly string[];
  /** The folder (or file) each pattern begins at. */
  readonly roots: readonly string[];
}

/**
 * Finds files by patterns, as GitHub's toolkit does: one that names a folder means everything in it, `!` takes
 * away what was found before, `~` is the home folder, `#` begins a comment.
 * @throws SluiceError `artifact-unsafe` when a link that is followed leads outside of its pattern's folder.
 */
export function findFiles(patterns: readonly string[], options: SearchOptions): Found {
  const found = new Set<string>();
  const roots: string[] = [];
  for (const raw of patterns.map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"))) {
    const negated = raw.startsWith("!");
    const pattern = absolute(negated ? raw.slice(1) : raw, options.base);
    if (negated) {
      const matches = matcher(pattern);
      for (const file of found) if (matches(file)) found.delete(file);
      continue;
    }
    const root = rootOf(pattern);
    roots.push(root);
    const walk: Walk = { ...options, root: realOf(root, options.base), matches: matcher(pattern), found, trail: [] };
    visit(root, walk, true);
  }
  return { files: [...found].toSorted(), roots };
}

/** Tells whether a path, absolute, is what one of the patterns names or is in it. */
export function matcherOf(patterns: readonly string[], base: string): (path: string) => boolean {
  const matchers = patterns.map((pattern) => matcher(absolute(pattern, base)));
  return (path) => matchers.some((matches) => matches(path));
}

interface Walk extends SearchOptions {
  /** Links may lead anywhere in here. */
  readonly root: string;
  readonly matches: (path: string) => boolean;
  readonly found: Set<string>;
  /** Real paths of the folders above, to notice a circle. */
  readonly trail: readonly string[];
}

function visit(path: string, walk: Walk, first: boolean): void {
  const own = lstatSync(path, { throwIfNoEntry: false });
  if (own === undefined) return;
  let stat = own;
  if (own.isSymbolicLink()) {
    if (!walk.follow) return;
    const target = statSync(path, { throwIfNoEntry: false });
    if (target === undefined) return;
    const real = realpathSync(path);
    if (!isWithin(real, walk.root)) {
      throw new SluiceError("artifact-unsafe", `The link ${path} leads to ${real}, outside of ${walk.root}.`, {
        help: "Copy the file into the workspace, or exclude the link with a `!` pattern before it is reached.",
      });
    }
    stat = target;
  }
  if (walk.within !== undefined && !isWithin(path, walk.within) && !isWithin(walk.within, path)) return;
  if (stat.isFile()) {
    if (walk.matches(path)) walk.found.add(path);
    return;
  }
  if (!stat.isDirectory()) return;
  const real = own.isSymbolicLink() || first ? realpathSync(path) : path;
  if (own.isSymbolicLink() && walk.trail.some((above) => above === real || isWithin(above, real))) return;
  const inner = { ...walk, trail: [...walk.trail, real] };
  for (const name of readdirSync(path).toSorted())
    if (walk.hidden || !name.startsWith(".")) visit(join(path, name), inner, false);
}

/** Below the workspace links may lead anywhere in the workspace; elsewhere only inside the folder that the author named. */
function realOf(root: string, base: string): string {
  const named = isWithin(root, base)
    ? base
    : statSync(root, { throwIfNoEntry: false })?.isDirectory() === true
      ? root
      : dirname(root);
  try {
    return realpathSync(named);
  } catch {
    // Not there: nothing will be found in it.
    return named;
  }
}

function absolute(pattern: string, base: string): string {
  const home = pattern === "~" || pattern.startsWith("~/") ? homedir() + pattern.slice(1) : pattern;
  const trimmed = home.length > 1 ? home.replace(/\/+$/, "") : home;
  // The base is literal, whatever characters are in it, also where the author wrote it out (`${{ github.workspace }}/…`).
  if (trimmed.startsWith(`${base}/`)) return resolve("/", escaped(base), trimmed.slice(base.length + 1));
  return isAbsolute(trimmed) ? resolve(trimmed) : resolve("/", escaped(base), trimmed);
}

function escaped(path: string): string {
  return path.replace(/[\\*?[\]{}()!+@]/g, "\\$&");
}

/** The longest beginning of a pattern that is plain. */
function rootOf(pattern: string): string {
  const plain: string[] = [];
  for (const part of pattern.split(sep)) {
    if (/(?<!\\)[*?[{(]/.test(part)) break;
    plain.push(part.replace(/\\(.)/g, "$1"));
  }
  return plain.join(sep) || sep;
}

function matcher(pattern: string): (path: string) => boolean {
  const matches = picomatch([pattern, `${pattern === "/" ? "" : pattern}/**`], {
    dot: true,
    nonegate: true,
    noext: true,
    nobrace: true,
  });
  return (path) => matches(path);
}

/** True for the folder itself and everything in it. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
