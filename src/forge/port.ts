import type { Event, Source } from "../model/index.ts";

/*
 * What Sluice asks of a forge: the place where repositories live and events come from. One adapter for each kind of
 * forge (`git/`; Gitea with Forgejo, GitHub and GitLab are to follow), opened once for each forge that is configured.
 *
 * What holds for every operation:
 * - Concurrency: any operation may be called at any time, also twice at once and for one repository. Only `missed` and
 *   the news of `Reports` are read one at a time for each repository.
 * - Idempotence: everything that writes can be repeated after a crash and then changes nothing.
 * - Time: an operation ends within a minute or rejects. It retries by itself only what is safe to repeat, and for no
 *   longer than that minute; longer retries are the caller's.
 * - Errors: a SluiceError with a code of the taxonomy in `failure.ts`. An operation's comment names those that are
 *   normal; any other can come too. No error or log line holds a credential.
 * - Trust: names, texts and paths come from strangers. An adapter returns them as they are, within the limits named,
 *   and never puts them into a shell, an address or a pattern unescaped.
 *
 * What not every forge can do is a part that an adapter has or lacks (`reports`, `hooks`, `statuses`, `permissions`).
 */

/** A repository as adapters know it. Rows of the store fit. */
export interface RemoteRepository {
  /** Ours. */
  readonly id: string;
  /** The forge's own id: it stays when the repository is renamed or moved. */
  readonly remoteId: string;
  /** As the forge called it when we last heard. For people and addresses; look a repository up by `remoteId`. */
  readonly name: string;
  readonly defaultBranch: string;
}

/** A forge as a repository's `forge` column names it. */
export interface Forge {
  /** Its name in the configuration and in the store. */
  readonly name: string;

  /**
   * Finds the repository that an admin names, so that it can be stored. With `path` (plain git only), the bare
   * repository on the server's disk; plain git makes one below the data folder when there is no path. Finding one again
   * returns the same `remoteId`. Normal: `not-found`, `forbidden`, `call-invalid`.
   */
  find(wanted: { readonly name: string; readonly path?: string }): Promise<FoundRepository>;

  /**
   * Makes the forge report events of the repository from now on: registers the webhook, or installs the hook. Repeating
   * it repairs what somebody removed. Called for every active repository at each start.
   * Normal: `not-found`, `forge-forbidden`.
   */
  activate(repository: RemoteRepository): Promise<void>;

  /**
   * The repository is no longer ours: undoes `activate`, and removes what only Sluice keeps of it. Nothing left to undo
   * is success. Called after the repository's row is gone.
   */
  deactivate(repository: RemoteRepository): Promise<void>;

  /** Where people and jobs clone it, and where people look at it. */
  addresses(repository: RemoteRepository): { readonly clone: string; readonly page: string };

  /** Every branch and tag by full name, with its commit (an annotated tag's is the one it points to). Other tags are left out. */
  refs(repository: RemoteRepository): Promise<ReadonlyMap<string, string>>;

  /** The commit that a branch, a tag or a full ref stands for, in this order; undefined if there is none. */
  resolve(repository: RemoteRepository, name: string): Promise<RefAt | undefined>;

  /**
   * Reads files of one commit, in the order of `wanted.paths`. Links and submodules are left out. A file over 1 MiB is
   * cut one byte behind that, so that its reader sees that it is too large.
   * Normal: `not-found` (the commit is not there), `payload-too-large` (more than 1,000 files or 16 MiB).
   */
  files(repository: RemoteRepository, sha: string, wanted: WantedFiles): Promise<readonly TreeFile[]>;

  /**
   * The paths in which two commits differ. Without `before` (a new branch), `sha` is compared with where it left the
   * default branch. Undefined if nobody can say: a first or unrelated commit, `before` is gone, or more than 10,000 paths.
   */
  changedPaths(
    repository: RemoteRepository,
    commits: { readonly before?: string; readonly sha: string },
  ): Promise<readonly string[] | undefined>;

  /** The event of something that Sluice itself starts. Normal: `not-found` (the commit is not there). */
  event(repository: RemoteRepository, start: Start): Promise<Event>;

  /**
   * Events that the forge did not report, or whose report was lost: compares refs (and, where the forge lists them,
   * open pull requests) with `tips`, the last commits seen. Lazy: each piece of news is stored before the next is read.
   * Called at start and every few minutes; what was reported meanwhile is harmless, for its commit is known by then.
   */
  missed(repository: RemoteRepository, tips: ReadonlyMap<string, string>): AsyncIterable<News>;

  /**
   * Where a job gets the commit, with a credential that can read this repository only and expires after `minutes` or as
   * soon after as the forge can do. Each call may make a new credential.
   */
  source(repository: RemoteRepository, at: RefAt, minutes: number): Promise<Source>;

  /** Present if the forge reports through a channel of the adapter's own (plain git: files that the hook writes). */
  readonly reports?: Reports;
  /** Present if the forge reports by HTTP to `/hooks/<name>`. */
  readonly hooks?: Hooks;
  /** Present if the forge shows the status of commits. */
  readonly statuses?: Statuses;
  /** Present if the forge knows who may do what. Without it, Sluice's own tokens decide. */
  readonly permissions?: Permissions;

  /** Stops listening; waits for what is being read. Nothing is called afterwards. */
  close(): Promise<void>;
}

export interface FoundRepository {
  readonly remoteId: string;
  readonly defaultBranch: string;
}

/** A commit, and the full ref by which it was reached. */
export interface RefAt {
  readonly ref: string;
  readonly sha: string;
}

export interface WantedFiles {
  /** A path that ends with `/` stands for the files in that folder, but not in folders below it. */
  readonly paths: readonly string[];
  /** Whether a file of such a folder is wanted, by its name. */
  wants(name: string): boolean;
}

export interface TreeFile {
  readonly path: string;
  readonly text: string;
}

/** What Sluice starts by itself at a commit. `sender` is who did it by hand. */
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
 * - `event`: something that can start runs. A report that is told again has the same keys; keys of one repository never
 *   collide. (What `missed` finds may get another key each time: there, the tips tell what is known.) The event says
 *   which branch is the default one by now.
 * - `refs`: refs that moved and start nothing: deleted ones (null), and those beyond what one push may start.
 */
export type News =
  | { readonly type: "event"; readonly event: Event; readonly key: string }
  | { readonly type: "refs"; readonly tips: ReadonlyMap<string, string | null> };

/**
 * Takes the news of one report. `read` is called with the repository as it is by then, and read to its end. Fulfilled
 * when all news is stored; if it rejects, the adapter keeps the report and tells it again later, from the beginning.
 */
export type TakeNews = (
  repositoryId: string,
  read: (repository: RemoteRepository) => AsyncIterable<News>,
) => Promise<void>;

/** A channel of the adapter's own. */
export interface Reports {
  /** Where news goes. Called once, before the first `follow`. News of one repository comes one report at a time, oldest first. */
  listen(take: TakeNews): void;
  /** Begins to listen for a repository. Fulfilled when what waits already is taken. Calling it again starts anew. */
  follow(repository: RemoteRepository): Promise<void>;
  /** Stops listening for a repository. */
  unfollow(repositoryId: string): void;
  /** Looks at once, without waiting to be told. Never rejects. */
  look(repositoryId: string): void;
}

/** A request to `/hooks/<forge>`, as it came. */
export interface HookRequest {
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The raw body: signatures are over these bytes. */
  readonly body: Uint8Array;
}

/** Events that come by HTTP. */
export interface Hooks {
  /**
   * Verifies a request and says what it means. Takes milliseconds and asks the forge nothing: what the payload lacks
   * (the changed paths of a large push) is asked for later, from its event.
   *
   * The signature is checked in constant time over the raw body with each of `secrets(remoteId)`: two while a secret is
   * being rotated. A repository without secret, a missing or an empty signature is refused. Which headers count is
   * known from the forge's kind, never guessed from what the request has.
   *
   * Order is not kept by forges, and everything can come twice: keys are made of kind, ref, commit and action, and not
   * of the delivery alone. Normal: `unauthenticated`, `call-invalid`.
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
  /** What is allowed to fail is a `success`, with words: some forges let anything else block a merge. */
  readonly state: "pending" | "running" | "success" | "failure" | "cancelled";
  readonly description: string;
  readonly url: string;
}

export interface Statuses {
  /** Shows a status at a commit in place of the last one of its context. The caller keeps the order. Normal: `not-found`. */
  set(repository: RemoteRepository, sha: string, status: CommitStatus): Promise<void>;
}

export interface Permissions {
  /** What a person may do, by the forge's numeric id (names are reused). A stranger's is `none`, not an error. */
  of(repository: RemoteRepository, personId: string): Promise<"none" | "read" | "write" | "admin">;
}
