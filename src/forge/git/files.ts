import { SluiceError } from "../../model/index.ts";
import { shaSchema } from "./names.ts";
import { ObjectReader, type GitObject } from "./objects.ts";

export interface TreeFile {
  readonly path: string;
  readonly text: string;
}

/** Maximum number of files read of one commit, and bytes of each: a parser of a cut file sees that it is too large. */
const fileLimit = 1000;
const byteLimit = 1024 * 1024;
const totalLimit = 16 * 1024 * 1024;
const treeLimit = 8 * 1024 * 1024;

/**
 * Reads the files of a commit at `paths`; a path that ends with `/` stands for the files in that folder (not its
 * subfolders) whose names are `wanted`. Links and submodules are skipped. A file over 1 MiB is cut one byte after that.
 * Rejects with `not-found` if the commit does not exist, with `payload-too-large` for more than 1,000 files or 16 MiB.
 */
export async function readFiles(
  repository: string,
  sha: string,
  paths: readonly string[],
  wanted: (name: string) => boolean = () => true,
): Promise<readonly TreeFile[]> {
  await using reader = new ObjectReader(repository);
  if (!shaSchema.safeParse(sha).success) throw missing(sha);
  const root = await reader.read(`${sha}^{tree}`, treeLimit);
  if (root === undefined) throw missing(sha);
  const walk: Walk = { reader, trees: new Map([["", treeEntries(root)]]), files: new Map(), total: 0 };
  for (const path of paths) {
    const place = path.replace(/\/+$/, "");
    const entry = await find(walk, place);
    if (entry === undefined) continue;
    if (!path.endsWith("/")) await take(walk, place, entry);
    else if (entry.mode === folderMode) {
      for (const below of await entriesAt(walk, place, entry.sha))
        if (wanted(below.name)) await take(walk, `${place}/${below.name}`, below);
    }
  }
  return [...walk.files].map(([path, text]) => ({ path, text }));
}

interface Walk {
  readonly reader: ObjectReader;
  /** Folders read so far, by path. */
  readonly trees: Map<string, readonly TreeEntry[]>;
  readonly files: Map<string, string>;
  /** Bytes of the files. */
  total: number;
}

/** Finds the entry at `path` from the root down, so that links on the way are recognised as links. */
async function find(walk: Walk, path: string): Promise<TreeEntry | undefined> {
  let entries = walk.trees.get("") ?? [];
  let found: TreeEntry | undefined;
  let here = "";
  for (const name of path.split("/")) {
    if (found !== undefined) entries = found.mode === folderMode ? await entriesAt(walk, here, found.sha) : [];
    found = entries.find((each) => each.name === name);
    if (found === undefined) return undefined;
    here = here === "" ? name : `${here}/${name}`;
  }
  return found;
}

async function take(walk: Walk, path: string, entry: TreeEntry): Promise<void> {
  if (!entry.mode.startsWith("100") || walk.files.has(path)) return;
  if (walk.files.size >= fileLimit)
    throw new SluiceError("payload-too-large", `The commit has more than ${fileLimit} workflow files.`);
  const blob = await walk.reader.read(entry.sha, byteLimit + 1);
  walk.total += blob?.content.length ?? 0;
  if (walk.total > totalLimit)
    throw new SluiceError(
      "payload-too-large",
      `The commit's workflow files are larger than ${totalLimit / 1024 / 1024} MiB together.`,
    );
  if (blob !== undefined) walk.files.set(path, blob.content.toString("utf8"));
}

async function entriesAt(walk: Walk, path: string, sha: string): Promise<readonly TreeEntry[]> {
  const known = walk.trees.get(path);
  if (known !== undefined) return known;
  const tree = await walk.reader.read(sha, treeLimit);
  const entries = tree === undefined ? [] : treeEntries(tree);
  walk.trees.set(path, entries);
  return entries;
}

function missing(sha: string): SluiceError {
  return new SluiceError("not-found", `No commit ${sha.slice(0, 40)} in the repository.`);
}

interface TreeEntry {
  readonly mode: string;
  readonly name: string;
  readonly sha: string;
}

const folderMode = "40000";

/** A tree object: `<mode> <name>\0<20 bytes of SHA-1>`, repeated. */
function treeEntries(tree: GitObject): readonly TreeEntry[] {
  const { content } = tree;
  const entries: TreeEntry[] = [];
  let at = 0;
  while (at < content.length) {
    const space = content.indexOf(32, at);
    const end = content.indexOf(0, space);
    if (space < 0 || end < 0 || end + 21 > content.length || tree.size > treeLimit)
      throw new SluiceError("git-failed", `The folder ${tree.sha} is damaged or too large.`);
    entries.push({
      mode: content.subarray(at, space).toString("latin1"),
      name: content.subarray(space + 1, end).toString("utf8"),
      sha: content.subarray(end + 1, end + 21).toString("hex"),
    });
    at = end + 21;
  }
  return entries;
}
