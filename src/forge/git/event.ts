import type { Event, Json, JsonObject } from "../../model/index.ts";
import { refName } from "../../model/index.ts";
import { changedFiles, commits, isForced, type Commit } from "./history.ts";
import { zeroSha } from "./names.ts";
import { tryGit } from "./process.ts";
import type { RefUpdate } from "./spool.ts";

export interface GitRepository {
  /** Path of the bare repository. */
  readonly path: string;
  readonly id: string;
  readonly name: string;
  readonly defaultBranch: string;
  readonly cloneUrl: string;
  /** Its place on the page. */
  readonly url?: string;
}

/** As many commits as Gitea puts into a payload. */
const payloadCommits = 30;

/**
 * The event of one moved ref, with a payload shaped like a push of Gitea. Undefined when there is nothing to run:
 * the ref was deleted, or does not lead to a commit that the repository has (a forged report, or one that came too late).
 */
export async function pushEvent(repository: GitRepository, update: RefUpdate, pusher: string): Promise<Event | undefined> {
  if (update.after === zeroSha) return undefined;
  const sha = await peel(repository.path, update.after);
  if (sha === undefined) return undefined;
  const before = update.before === zeroSha ? zeroSha : ((await peel(repository.path, update.before)) ?? zeroSha);
  const known = before !== zeroSha;
  const [log, files, forced] = await Promise.all([
    commits(repository.path, sha, known ? { before, limit: payloadCommits } : { limit: 1 }),
    changedFiles(repository.path, before, sha, repository.defaultBranch),
    known ? isForced(repository.path, before, sha) : update.before !== zeroSha,
  ]);
  // Going back to an older commit adds none: the head is then asked for by itself.
  const head = log[0] ?? (await commits(repository.path, sha, { limit: 1 }))[0];
  if (head === undefined) return undefined;
  return {
    kind: "push",
    repository: { name: repository.name, defaultBranch: repository.defaultBranch, cloneUrl: repository.cloneUrl, ...(repository.url === undefined ? {} : { url: repository.url }) },
    ref: update.ref,
    sha,
    before,
    commit: { message: head.message, author: { login: head.author.name, name: head.author.name, email: head.author.email }, timestamp: head.timestamp },
    ...(files === undefined ? {} : { changedFiles: [...files] }),
    sender: { login: pusher },
    payload: { ...payloadOf(repository, update, { log, head, forced, pusher }) },
  };
}

/** The commit behind an object: itself, or what an annotated tag points to. */
async function peel(path: string, sha: string): Promise<string | undefined> {
  const result = await tryGit(path, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${sha}^{commit}`]);
  return result.status === 0 ? result.stdout.toString("utf8").trim() : undefined;
}

interface PushDetail {
  readonly log: readonly Commit[];
  readonly head: Commit;
  readonly forced: boolean;
  readonly pusher: string;
}

function payloadOf(repository: GitRepository, update: RefUpdate, detail: PushDetail): JsonObject {
  const user: JsonObject = { login: detail.pusher, username: detail.pusher, name: detail.pusher, full_name: detail.pusher };
  return {
    ref: update.ref,
    before: update.before,
    after: update.after,
    base_ref: null,
    created: update.before === zeroSha,
    deleted: false,
    forced: detail.forced,
    commits: detail.log.map((each) => commitPayload(repository, each)),
    total_commits: detail.log.length,
    head_commit: commitPayload(repository, detail.head),
    repository: repositoryPayload(repository),
    pusher: user,
    sender: user,
  };
}

/** The `repository` object of a payload: the fields that Gitea and GitHub have in common. */
export function repositoryPayload(repository: GitRepository): JsonObject {
  const [owner, name] = repository.name.includes("/") ? repository.name.split("/") : ["", repository.name];
  return {
    id: repository.id,
    name: name ?? "",
    full_name: repository.name,
    owner: { login: owner ?? "", username: owner ?? "", name: owner ?? "" },
    default_branch: repository.defaultBranch,
    clone_url: repository.cloneUrl,
    html_url: repository.url ?? "",
    private: true,
    fork: false,
  };
}

function commitPayload(repository: GitRepository, commit: Commit): Json {
  return {
    id: commit.sha,
    message: commit.message,
    timestamp: commit.timestamp,
    url: repository.url === undefined ? "" : `${repository.url}/commits/${commit.sha}`,
    author: { ...commit.author, username: commit.author.name },
    committer: { ...commit.committer, username: commit.committer.name },
    added: commit.added,
    removed: commit.removed,
    modified: commit.modified,
  };
}

/** An event that somebody starts by hand on a ref. */
export async function manualEvent(
  repository: GitRepository,
  at: { readonly ref: string; readonly sha: string },
  by: { readonly sender: string; readonly workflow?: string; readonly inputs: Readonly<Record<string, string>> },
): Promise<Event> {
  const [head] = await commits(repository.path, at.sha, { limit: 1 });
  return {
    kind: "manual",
    repository: { name: repository.name, defaultBranch: repository.defaultBranch, cloneUrl: repository.cloneUrl, ...(repository.url === undefined ? {} : { url: repository.url }) },
    ref: at.ref,
    sha: at.sha,
    ...(head === undefined ? {} : { commit: { message: head.message, author: { login: head.author.name, name: head.author.name, email: head.author.email }, timestamp: head.timestamp } }),
    sender: { login: by.sender },
    inputs: { ...by.inputs },
    ...(by.workflow === undefined ? {} : { workflow: by.workflow }),
    payload: {
      ref: at.ref,
      inputs: { ...by.inputs },
      ...(by.workflow === undefined ? {} : { workflow: by.workflow }),
      repository: repositoryPayload(repository),
      sender: { login: by.sender, username: by.sender, name: by.sender },
    },
  };
}

/** The short name of a ref, for logs. */
export function describeUpdate(update: RefUpdate): string {
  return `${refName(update.ref)} ${update.before.slice(0, 8)}..${update.after.slice(0, 8)}`;
}
