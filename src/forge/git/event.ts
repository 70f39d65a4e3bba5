import type { Event, Json, JsonObject } from "../../model/index.ts";
import { refName } from "../../model/index.ts";
import { forgeError } from "../failure.ts";
import { changedFiles, commitInfo, commits, isForced, type Commit } from "./history.ts";
import { zeroSha } from "./names.ts";
import type { RefUpdate } from "./spool.ts";

export interface GitRepository {
  /** Path of the bare repository. */
  readonly path: string;
  readonly id: string;
  readonly remoteId: string;
  readonly name: string;
  readonly defaultBranch: string;
  readonly cloneUrl: string;
  /** Its page. */
  readonly url?: string;
}

/** The same number of commits as in Gitea's payload. */
const payloadCommits = 30;

/**
 * The event of one moved ref, with a payload shaped like a Gitea push. Undefined if there is nothing to run: the ref
 * was deleted, or does not lead to a commit that the repository has (a forged or late report).
 */
export async function pushEvent(
  repository: GitRepository,
  update: RefUpdate,
  pusher: string,
): Promise<Event | undefined> {
  if (update.after === zeroSha) return undefined;
  const { before, log } = await newCommits(repository.path, update);
  // Going back to an older commit adds none: then the head is read separately.
  const head = log?.[0] ?? (await commitInfo(repository.path, update.after));
  if (log === undefined || head === undefined) return undefined;
  const { files, forced } = await compare(repository, update, { before, log, head });
  return {
    kind: "push",
    repository: aboutRepository(repository),
    ref: update.ref,
    sha: head.sha,
    before,
    commit: aboutCommit(head),
    ...(files === undefined ? {} : { changedFiles: [...files] }),
    sender: { login: pusher },
    payload: { ...payloadOf(repository, update, { log, head, forced, pusher }) },
  };
}

/** The content of a push. If the old commit no longer exists, it counts as none, and only the head as new. */
async function newCommits(
  path: string,
  update: RefUpdate,
): Promise<{ readonly before: string; readonly log: readonly Commit[] | undefined }> {
  if (update.before !== zeroSha) {
    const log = await commits(path, update.after, { before: update.before, limit: payloadCommits });
    if (log !== undefined) return { before: update.before, log };
  }
  return { before: zeroSha, log: await commits(path, update.after, { limit: 1 }) };
}

/**
 * The changed paths, and whether history was rewritten. The most common push, one commit on top of the old one, answers
 * both by itself.
 */
async function compare(
  repository: GitRepository,
  update: RefUpdate,
  { before, log, head }: { readonly before: string; readonly log: readonly Commit[]; readonly head: Commit },
): Promise<{ readonly files: readonly string[] | undefined; readonly forced: boolean }> {
  if (log.length === 1 && head.parents.length === 1 && head.parents[0] === before)
    return { files: head.listed ? [...head.added, ...head.modified, ...head.removed] : undefined, forced: false };
  const [files, forced] = await Promise.all([
    changedFiles(repository.path, before, head.sha, repository.defaultBranch),
    before === zeroSha ? update.before !== zeroSha : isForced(repository.path, before, head.sha),
  ]);
  return { files, forced };
}

function aboutRepository(repository: GitRepository): Event["repository"] {
  const { remoteId, name, defaultBranch, cloneUrl, url } = repository;
  return { forge: "git", remoteId, name, defaultBranch, cloneUrl, ...(url === undefined ? {} : { url }) };
}

function aboutCommit({ message, author, timestamp }: Commit): NonNullable<Event["commit"]> {
  return { message, author: { login: author.name, name: author.name, email: author.email }, timestamp };
}

interface PushDetail {
  readonly log: readonly Commit[];
  readonly head: Commit;
  readonly forced: boolean;
  readonly pusher: string;
}

function payloadOf(repository: GitRepository, update: RefUpdate, detail: PushDetail): JsonObject {
  const user: JsonObject = {
    login: detail.pusher,
    username: detail.pusher,
    name: detail.pusher,
    full_name: detail.pusher,
  };
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

/** The `repository` object of a payload: the fields common to Gitea and GitHub. */
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

/** The event of a manual start on a ref. Rejects with `not-found` if the commit does not exist. */
export async function manualEvent(
  repository: GitRepository,
  at: { readonly ref: string; readonly sha: string },
  by: { readonly sender: string; readonly workflow?: string; readonly inputs: Readonly<Record<string, string>> },
): Promise<Event> {
  const head = await headOf(repository, at.sha);
  return {
    kind: "manual",
    repository: aboutRepository(repository),
    ref: at.ref,
    sha: at.sha,
    commit: aboutCommit(head),
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

/**
 * The event of a schedule due at a branch's tip. As on GitHub, the author of the tip counts as the sender, unless
 * someone started it by hand.
 */
export async function scheduledEvent(
  repository: GitRepository,
  at: { readonly ref: string; readonly sha: string },
  by: { readonly cron: string; readonly timeZone: string; readonly sender?: string },
): Promise<Event> {
  const { cron, timeZone } = by;
  const head = await headOf(repository, at.sha);
  const sender = by.sender ?? head.author.name;
  return {
    kind: "schedule",
    repository: aboutRepository(repository),
    ref: at.ref,
    sha: at.sha,
    commit: aboutCommit(head),
    sender: { login: sender },
    schedule: cron,
    ...(timeZone === "UTC" ? {} : { timeZone }),
    payload: {
      schedule: cron,
      repository: repositoryPayload(repository),
      sender: { login: sender, username: sender, name: sender },
    },
  };
}

async function headOf({ path, name }: GitRepository, sha: string): Promise<Commit> {
  const head = await commitInfo(path, sha);
  if (head === undefined) throw forgeError("missing", `No commit ${sha} in ${name}.`);
  return head;
}

/** The short name of a ref, for logs. */
export function describeUpdate(update: RefUpdate): string {
  return `${refName(update.ref)} ${update.before.slice(0, 8)}..${update.after.slice(0, 8)}`;
}
