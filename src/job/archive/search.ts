import { dirname, isAbsolute, resolve, sep } from "node:path";
import picomatch from "picomatch";
import type { Entry } from "../backend/files.ts";
import type { Environment } from "../backend/port.ts";
import { isWithin } from "./paths.ts";

export interface SearchOptions {
  /** Base of relative patterns. */
  readonly base: string;
  /** Include files and folders whose names begin with a dot. */
  readonly hidden: boolean;
  /** Follow symbolic links. Otherwise links to folders are not entered and links to files are skipped. */
  readonly follow: boolean;
  /** Skip everything outside this folder. */
  readonly within?: string;
}

export interface Found {
  /** Regular files, sorted by path. */
  readonly files: readonly Entry[];
  /** The folder (or file) where each pattern starts. */
  readonly roots: readonly string[];
}

/**
 * Finds files by patterns, like GitHub's toolkit: a pattern that names a folder matches everything in it, `!` removes
 * earlier matches, `~` is the home folder, `#` begins a comment.
 * @throws SluiceError `artifact-unsafe` if a followed link leads outside of its pattern's folder.
 */
export async function findFiles(
  environment: Environment,
  patterns: readonly string[],
  { base, hidden, follow, within }: SearchOptions,
): Promise<Found> {
  const { home } = environment.folders;
  const found = new Map<string, Entry>();
  const roots: string[] = [];
  for (const raw of patterns.map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"))) {
    const negated = raw.startsWith("!");
    const pattern = absolute(negated ? raw.slice(1) : raw, base, home);
    const matches = matcher(pattern);
    if (negated) {
      for (const path of found.keys()) if (matches(path)) found.delete(path);
      continue;
    }
    const root = rootOf(pattern);
    roots.push(root);
    const start = within === undefined || isWithin(root, within) ? root : within;
    if (!isWithin(start, root)) continue;
    // Links below the workspace may lead anywhere in the workspace; elsewhere only inside the folder that the author
    // named.
    const inside = isWithin(root, base) ? base : root;
    const entries = await environment.list(start, { hidden, ...(follow ? { follow: { inside } } : {}) });
    for (const entry of entries) if (entry.kind === "file" && matches(entry.path)) found.set(entry.path, entry);
  }
  return { files: [...found.values()].toSorted(byPath), roots };
}

/** Returns whether an absolute path matches one of the patterns or is inside a match. */
export function matcherOf(
  patterns: readonly string[],
  { base, home }: { readonly base: string; readonly home: string },
): (path: string) => boolean {
  const matchers = patterns.map((pattern) => matcher(absolute(pattern, base, home)));
  return (path) => matchers.some((matches) => matches(path));
}

/** The common parent folder; a file counts as its folder. */
export async function commonFolder(environment: Environment, paths: readonly string[]): Promise<string> {
  const entries = await environment.stat(paths);
  const folders = paths.map((path, index) => (entries[index]?.kind === "file" ? dirname(path) : path));
  let common = folders[0] ?? "/";
  for (const folder of folders) while (!isWithin(folder, common)) common = dirname(common);
  return common;
}

function byPath(a: Entry, b: Entry): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}

function absolute(pattern: string, base: string, home: string): string {
  const expanded = pattern === "~" || pattern.startsWith("~/") ? home + pattern.slice(1) : pattern;
  const trimmed = expanded.length > 1 ? expanded.replace(/\/+$/, "") : expanded;
  // The base is literal whatever characters it contains, also if the author wrote it out (`${{ github.workspace }}/…`).
  if (trimmed.startsWith(`${base}/`)) return resolve("/", escaped(base), trimmed.slice(base.length + 1));
  return isAbsolute(trimmed) ? resolve(trimmed) : resolve("/", escaped(base), trimmed);
}

function escaped(path: string): string {
  return path.replace(/[\\*?[\]{}()!+@]/g, "\\$&");
}

/** The longest literal prefix of a pattern. */
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
