import type { Event, Source } from "../model/index.ts";

/*
 * What Sluice needs from a forge: the place where repositories live and events come from. One adapter per kind of forge
 * (`git/`; Gitea with Forgejo, GitHub and GitLab will follow), opened once per configured forge.
 *
 * For every operation:
 * - Concurrency: any operation can be called at any time, also twice at once and for one repository. Only `missed` and
 *   the news of `Reports` are read one at a time per repository.
 * - Idempotence: everything that writes can be repeated after a crash and then changes nothing.
 * - Time: an operation ends within a minute or rejects. It retries by itself only what is safe to repeat, and no longer
 *   than that minute; longer retries are up to the caller.
 * - Errors: a SluiceError with a code of the taxonomy in `failure.ts`. An operation's comment names those that are
 *   normal; any other can come too. No error or log line contains a credential.
 * - Trust: names, texts and paths come from strangers. An adapter returns them unchanged, within the stated limits, and
 *   never puts them unescaped into a shell, a URL or a pattern.
 *
 * What not every forge can do is an optional part of an adapter (`reports`, `hooks`, `statuses`, `permissions`).
 */

/** A repository as adapters know it. Rows of the store fit. */
export interface RemoteRepository {
  /** Our id. */
  readonly id: string;
  /** The forge's own id: stable when the repository is renamed or moved. */
  readonly remoteId: string;
  /** Its last known name on the forge. For display and URLs; look a repository up by `remoteId`. */
  readonly name: string;
  readonly defaultBranch: string;
}

/** The name of a forge in a repository's `forge` column. */
export interface Forge {
  /** Its name in the configuration and in the store. */
  readonly name: string;

  /**
   * Finds the repository that an admin names, so that it can be stored. With `path` (plain git only), the bare
   * repository on the server's disk; without, plain git creates one in the data folder. Finding one again returns the
   * same `remoteId`. Normal: `not-found`, `forbidden`, `call-invalid`.
   */
  find(wanted: { readonly name: string; readonly path?: string }): Promise<FoundRepository>;

  /**
   * Makes the forge report events of the repository from now on: registers the webhook, or installs the hook. Repeating
   * it repairs what someone removed. Called for every active repository at each start. Normal: `not-found`,
   * `forge-forbidden`.
   */
  activate(repository: RemoteRepository): Promise<void>;

  /**
   * The repository is no longer ours: undoes `activate`, and removes what only Sluice keeps of it. Nothing left to undo
   * counts as success. Called after the repository's row is gone.
   */
  deactivate(repository: RemoteRepository): Promise<void>;

  /** Its clone URL for people and jobs, and its web page. */
  addresses(repository: RemoteRepository): { readonly clone: string; readonly page: string };

  /**
   * Every branch and tag by full name, with its commit (for an annotated tag, the one it points to). Other tags are
   * skipped.
   */
  refs(repository: RemoteRepository): Promise<ReadonlyMap<string, string>>;

  /** The commit of a branch, a tag or a full ref, in this order; undefined if there is none. */
  resolve(repository: RemoteRepository, name: string): Promise<RefAt | undefined>;

  /**
   * Reads files of one commit, in the order of `wanted.paths`. Skips links and submodules. A file over 1 MiB is cut one
   * byte after that, so that its reader sees that it is too large. Normal: `not-found` (the commit does not exist),
   * `payload-too-large` (more than 1,000 files or 16 MiB).
   */
  files(repository: RemoteRepository, sha: string, wanted: WantedFiles): Promise<readonly TreeFile[]>;

  /**
   * The paths in which two commits differ. Without `before` (a new branch), compares `sha` with where it left the
   * default branch. Undefined if unknown: a first or unrelated commit, `before` is gone, or more than 10,000 paths.
   */
  changedPaths(
    repository: RemoteRepository,
    commits: { readonly before?: string; readonly sha: string },
  ): Promise<readonly string[] | undefined>;

  /** The event of something that Sluice itself starts. Normal: `not-found` (the commit does not exist). */
  event(repository: RemoteRepository, start: Start): Promise<Event>;

  /**
   * Events that the forge did not report, or whose report was lost: compares refs (and, if the forge lists them, open
   * pull requests) with `tips`, the last commits seen. Lazy: each piece of news is stored before the next is read.
   * Called at start and every few minutes; what was reported in the meantime is harmless, because its commit is known
   * by then.
   */
  missed(repository: RemoteRepository, tips: ReadonlyMap<string, string>): AsyncIterable<News>;

  /**
   * Where a job gets the commit, with a credential that can only read this repository and expires after `minutes` or as
   * soon after as the forge allows. Each call can create a new credential.
   */
  source(repository: RemoteRepository, at: RefAt, minutes: number): Promise<Source>;

  /** Present if the forge reports through the adapter's own channel (plain git: files that the hook writes). */
  readonly reports?: Reports;
  /** Present if the forge reports by HTTP to `/hooks/<name>`. */
  readonly hooks?: Hooks;
  /** Present if the forge shows the status of commits. */
  readonly statuses?: Statuses;
  /** Present if the forge knows who may do what. Otherwise Sluice's own tokens decide. */
  readonly permissions?: Permissions;

  /** Stops listening; waits for what is being read. Nothing is called afterwards. */
  close(): Promise<void>;
}

export interface FoundRepository {
  readonly remoteId: string;
  readonly defaultBranch: string;
}

/** A commit, and the full ref that led to it. */
export interface RefAt {
  readonly ref: string;
  readonly sha: string;
}

export interface WantedFiles {
  /** A path that ends with `/` stands for the files in that folder, without subfolders. */
  readonly paths: readonly string[];
  /** Whether a file of such a folder is wanted, by its name. */
  wants(name: string): boolean;
}

export interface TreeFile {
  readonly path: string;
  readonly text: string;
}

/** What Sluice itself starts at a commit. `sender` is the person who started it by hand. */
export type Start = RefAt &
  (
    | {
        readonly kind: "manual";
        readonly sender: string;
        /** The only workflow to start; all if absent. */
        readonly workflow?: string;
        readonly inputs: Readonly<Record<string, string>>;
      }
    | { readonly kind: "schedule"; readonly cron: string; readonly timeZone: string; readonly sender?: string }
  );

/**
 * A piece of news about one repository.
 * - `event`: something that can start runs. A report delivered again has the same keys; keys of one repository never
 *   collide. (What `missed` finds may get another key each time: there, the tips say what is known.) The event names the
 *   current default branch.
 * - `refs`: refs that moved and start nothing: deleted ones (null), and those beyond what one push may start.
 */
export type News =
  | { readonly type: "event"; readonly event: Event; readonly key: string }
  | { readonly type: "refs"; readonly tips: ReadonlyMap<string, string | null> };

/**
 * Takes the news of one report. `read` is called with the current repository, and read to its end. Resolves when all
 * news is stored; if it rejects, the adapter keeps the report and delivers it again later, from the beginning.
 */
export type TakeNews = (
  repositoryId: string,
  read: (repository: RemoteRepository) => AsyncIterable<News>,
) => Promise<void>;

/** The adapter's own channel. */
export interface Reports {
  /**
   * Sets where news goes. Called once, before the first `follow`. News of one repository comes one report at a time,
   * oldest first.
   */
  listen(take: TakeNews): void;
  /**
   * Starts listening for a repository. Resolves when everything already waiting is taken. Calling it again starts over.
   */
  follow(repository: RemoteRepository): Promise<void>;
  /** Stops listening for a repository. */
  unfollow(repositoryId: string): void;
  /** Polls at once, without waiting for a notification. Never rejects. */
  poll(repositoryId: string): void;
}

/** A raw request to `/hooks/<forge>`. */
export interface HookRequest {
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The raw body: signatures cover these bytes. */
  readonly body: Uint8Array;
}

/** Events that arrive by HTTP. */
export interface Hooks {
  /**
   * Verifies a request and returns its meaning. Takes milliseconds and sends nothing to the forge: what the payload
   * lacks (the changed paths of a large push) is fetched later, from its event.
   *
   * The signature is checked in constant time, over the raw body unless the forge signs another form of it, with each of
   * `secrets(remoteId)`: two while a secret is being rotated. Rejects a repository without secret, and a missing or an
   * empty signature. Which headers count depends on the forge's kind, never on what the request contains.
   *
   * Forges do not keep order, and everything can come twice: keys consist of kind, ref, commit and action, not only of
   * the delivery. Normal: `unauthenticated`, `call-invalid`.
   */
  receive(request: HookRequest, secrets: (remoteId: string) => Promise<readonly string[]>): Promise<Received>;
}

export type Received =
  | { readonly type: "news"; readonly remoteId: string; readonly delivery: string; readonly news: readonly News[] }
  /** Signed well, and of no use: why, for the log. */
  | { readonly type: "ignored"; readonly remoteId: string; readonly reason: string };

export interface CommitStatus {
  /** Stable for each workflow, so that a branch can require it. */
  readonly context: string;
  /** An allowed failure is a `success` with a description: some forges let anything else block a merge. */
  readonly state: "pending" | "running" | "success" | "failure" | "cancelled";
  readonly description: string;
  readonly url: string;
}

export interface Statuses {
  /**
   * Sets a status at a commit, replacing the last one of its context. The caller keeps the order. Normal: `not-found`.
   */
  set(repository: RemoteRepository, sha: string, status: CommitStatus): Promise<void>;
}

export interface Permissions {
  /** A person's permissions, by the forge's numeric id (names are reused). A stranger's is `none`, not an error. */
  of(repository: RemoteRepository, personId: string): Promise<"none" | "read" | "write" | "admin">;
}
