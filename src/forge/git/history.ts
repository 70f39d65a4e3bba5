import { isoDate } from "./date.ts";
import { git, tryGit, walkGit } from "./process.ts";
import { isRef, shaSchema, zeroSha } from "./names.ts";

export interface Person {
  readonly name: string;
  readonly email: string;
}

export interface Commit {
  readonly sha: string;
  readonly parents: readonly string[];
  readonly author: Person;
  readonly committer: Person;
  /** The author's time, ISO 8601. */
  readonly timestamp: string;
  readonly message: string;
  /** False if it changes more files than can be listed: then none are listed. */
  readonly listed: boolean;
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly modified: readonly string[];
}

const fields = "%H%x00%P%x00%an%x00%ae%x00%cn%x00%ce%x00%ad%x00";

/**
 * The newest `limit` commits that `sha` (a commit, or a tag of one) has and `before` has not, newest first; all of
 * `sha`'s if `before` is absent. Undefined if one of them does not exist or leads to no commit. If the changed files or
 * the messages are too large, they are left out.
 */
export async function commits(
  repository: string,
  sha: string,
  options: { readonly before?: string; readonly limit: number },
): Promise<readonly Commit[] | undefined> {
  const range = [
    shaSchema.parse(sha),
    ...(options.before === undefined ? [] : [`^${shaSchema.parse(options.before)}`]),
  ];
  const log = (format: string): readonly string[] => [
    "log",
    "-z",
    "--no-show-signature",
    "--date=raw",
    `--max-count=${options.limit}`,
    `--format=${format}`,
  ];
  const whole = await walkGit(repository, [
    ...log(`${fields}%B`),
    "--root",
    "--no-renames",
    "--name-status",
    ...range,
    "--",
  ]);
  if (whole !== undefined) return parseLog(whole.toString("utf8"), true);
  const unlisted = await walkGit(repository, [...log(`${fields}%B`), "--no-patch", ...range, "--"]);
  if (unlisted !== undefined) return parseLog(unlisted.toString("utf8"), false);
  const bare = await tryGit(repository, [...log(fields), "--no-patch", ...range, "--"]);
  return bare.status === 0 ? parseLog(bare.stdout.toString("utf8"), false) : undefined;
}

/** One commit with its changes; undefined if it does not exist. */
export async function commitInfo(repository: string, sha: string): Promise<Commit | undefined> {
  return (await commits(repository, sha, { limit: 1 }))?.[0];
}

/**
 * Parses `git log -z --name-status`: eight fields per commit, then pairs of a status letter and a path. Git ends a text
 * at a NUL, and no status looks like a commit's name, so hostile text stays text.
 */
function parseLog(output: string, listed: boolean): readonly Commit[] {
  const tokens = output.split("\0");
  const found: Commit[] = [];
  let at = 0;
  const next = (): string => tokens[at++] ?? "";
  const changeFollows = (): boolean => listed && at < tokens.length - 1 && /^\n?[A-Z]\d*$/.test(tokens[at] ?? "");
  while (at < tokens.length - 1) {
    const [sha, parents, authorName, authorEmail, committerName, committerEmail, date, message] = [
      next(),
      next(),
      next(),
      next(),
      next(),
      next(),
      next(),
      next(),
    ];
    const changes = { added: new Array<string>(), removed: new Array<string>(), modified: new Array<string>() };
    while (changeFollows()) {
      const status = next().trim().charAt(0);
      const list = status === "A" ? changes.added : status === "D" ? changes.removed : changes.modified;
      list.push(next());
    }
    found.push({
      sha,
      parents: parents.split(" ").filter((parent) => parent !== ""),
      author: { name: authorName, email: authorEmail },
      committer: { name: committerName, email: committerEmail },
      timestamp: isoDate(date),
      message: message.trimEnd(),
      listed,
      ...changes,
    });
  }
  return found;
}

/**
 * The paths in which two commits differ. With an all-zero `before` (a new branch), compares with the merge base of the
 * default branch; undefined if unknown: an unrelated or first commit, or more than 10,000 paths.
 */
export async function changedFiles(
  repository: string,
  before: string,
  sha: string,
  defaultBranch: string,
): Promise<readonly string[] | undefined> {
  const base =
    before === zeroSha
      ? await mergeBase(repository, `refs/heads/${defaultBranch}`, shaSchema.parse(sha))
      : shaSchema.parse(before);
  if (base === undefined) return undefined;
  // A force push may have removed `before`: then the paths are unknown too.
  const output = await walkGit(repository, ["diff-tree", "-r", "-z", "--name-only", "--no-renames", base, sha, "--"]);
  const paths = output?.toString("utf8").split("\0").slice(0, -1);
  return paths === undefined || paths.length > 10_000 ? undefined : paths;
}

/** Undefined if there is none, and if it is the commit itself (the push that created the default branch). */
async function mergeBase(repository: string, ref: string, sha: string): Promise<string | undefined> {
  const result = await tryGit(repository, ["merge-base", "--end-of-options", ref, sha]);
  const base = result.stdout.toString("utf8").trim();
  return result.status === 0 && base !== sha && shaSchema.safeParse(base).success ? base : undefined;
}

/** Whether `before` is not an ancestor of `sha`: history was rewritten. */
export async function isForced(repository: string, before: string, sha: string): Promise<boolean> {
  const result = await tryGit(repository, [
    "merge-base",
    "--is-ancestor",
    shaSchema.parse(before),
    shaSchema.parse(sha),
  ]);
  return result.status !== 0;
}

/**
 * Every branch and tag by full name, with its commit (for an annotated tag, the one it points to). Skips tags of other
 * objects, and names that no push report can contain.
 */
export async function refs(repository: string): Promise<ReadonlyMap<string, string>> {
  const format = "%(objecttype) %(objectname) %(*objecttype) %(*objectname) %(refname)";
  const output = await git(repository, ["for-each-ref", `--format=${format}`, "refs/heads", "refs/tags"]);
  const found = new Map<string, string>();
  for (const line of output.toString("utf8").split("\n")) {
    const [type, sha = "", peeledType, peeledSha = "", ref = ""] = line.split(" ");
    if (!isRef(ref)) continue;
    if (type === "commit") found.set(ref, sha);
    else if (type === "tag" && peeledType === "commit") found.set(ref, peeledSha);
  }
  return found;
}

/** The commits that objects lead to (for an annotated tag, the one it points to); skips objects that lead to none. */
export async function commitsOf(repository: string, objects: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const input = objects.map((sha) => `${shaSchema.parse(sha)}^{commit}\n`).join("");
  const lines = (await git(repository, ["cat-file", "--batch-check=%(objectname)"], input))
    .toString("utf8")
    .split("\n");
  const found = new Map<string, string>();
  for (const [index, sha] of objects.entries()) {
    const commit = shaSchema.safeParse(lines[index]);
    if (commit.success) found.set(sha, commit.data);
  }
  return found;
}

/** The commit of a branch, tag, or full or short commit name; undefined if there is none. */
export async function resolveCommit(
  repository: string,
  name: string,
): Promise<{ readonly ref: string; readonly sha: string } | undefined> {
  for (const ref of candidates(name)) {
    const result = await tryGit(repository, [
      "rev-parse",
      "--verify",
      "--quiet",
      "--end-of-options",
      `${ref}^{commit}`,
    ]);
    const sha = result.stdout.toString("utf8").trim();
    if (result.status === 0 && shaSchema.safeParse(sha).success) return { ref, sha };
  }
  return undefined;
}

function candidates(name: string): readonly string[] {
  // oxlint-disable-next-line no-control-regex -- exactly what must not reach git's revision syntax
  if (name.length > 1024 || /[\x00-\x20~^:?*[\\]|\.\.|@\{/.test(name)) return [];
  return name.startsWith("refs/") ? [name] : [`refs/heads/${name}`, `refs/tags/${name}`];
}
