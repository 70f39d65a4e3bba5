import type { Annotation, Diagnostic, Event, Plan } from "../model/index.ts";
import type { Channel } from "./channel.ts";
import type { Most, Newest } from "./newest.ts";
import type {
  ArtifactRow,
  AuditEntry,
  CacheRow,
  Effects,
  EventRow,
  GitRepositoryRow,
  JobHead,
  JobRow,
  LeftFiles,
  ListedRun,
  LogSize,
  MessageRow,
  NewMessage,
  RepositoryRow,
  RunChange,
  RunFilter,
  RunRetention,
  RunRow,
  RunnerRow,
  ScheduleRow,
  StepRow,
  TokenRow,
} from "./rows.ts";

/**
 * The store's contract. One implementation (Kysely) serves SQLite and PostgreSQL. The caller passes in times: the store
 * has no clock. Ids are created on the caller's side of the store.
 */
export interface Store {
  readonly repositories: {
    /**
     * Adds the repository with the current commits of its refs, and the effects. Rejects with `already-exists` if the
     * name or the forge's repository is taken.
     */
    add(row: Omit<RepositoryRow, "id">, tips?: ReadonlyMap<string, string>, effects?: Effects): Promise<RepositoryRow>;
    byName(name: string): Promise<RepositoryRow | undefined>;
    byId(id: string): Promise<RepositoryRow | undefined>;
    byRemote(forge: string, remoteId: string): Promise<RepositoryRow | undefined>;
    list(): Promise<readonly RepositoryRow[]>;
    /**
     * Removes the repository with its runs. The caller removes what its forge keeps of it, and the logs and blobs that
     * are no longer referenced: it returns their jobs and keys, and builds the effects for them. Removing a missing one
     * has no effects.
     */
    remove(id: string, effects?: (left: LeftFiles) => Effects): Promise<LeftFiles>;
    /** Last commit seen of each ref, to find missed pushes. */
    tips(id: string): Promise<ReadonlyMap<string, string>>;
    /** Records the commits of refs, all at once; null removes a ref. */
    setTips(id: string, tips: ReadonlyMap<string, string | null>): Promise<void>;
    /** Records which branch is the default. */
    setDefaultBranch(id: string, branch: string): Promise<void>;
  };
  /** Where plain git stores its repositories, by `remoteId`. */
  readonly gitRepositories: {
    /** Keeps the existing row if the id is known. */
    add(row: GitRepositoryRow): Promise<void>;
    byId(remoteId: string): Promise<GitRepositoryRow | undefined>;
    remove(remoteId: string): Promise<void>;
  };
  readonly events: {
    /**
     * Stores the event with its effects, unless the repository has one with the same dedupe key; `fresh` says which. A
     * push moves the tip of its ref in the same transaction (also a repeated one: the tip is the last push received).
     * The effects are built for the event's id.
     */
    accept(
      row: Omit<EventRow, "id">,
      dedupeKey: string,
      effects?: (id: string) => Effects,
    ): Promise<{ readonly id: string; readonly fresh: boolean }>;
    byId(id: string): Promise<EventRow | undefined>;
    /**
     * Marks the event as one that starts nothing more. Returns false and writes nothing if the message was already
     * settled.
     */
    done(id: string, effects?: Effects): Promise<boolean>;
  };
  readonly runs: {
    /**
     * Creates the run with its effects and marks its event done, in one transaction. A second call for one event
     * returns the first run. Rejects with `not-found` if the repository is gone, and with `conflict` if `number` is not
     * the repository's next one: compile again for that one.
     */
    create(row: {
      /** Its id, if the caller needed it earlier (plans contain it); otherwise the store creates one. */
      readonly id?: string;
      readonly number: number;
      readonly eventId: string;
      readonly repositoryId: string;
      readonly event: Event;
      readonly title: string;
      readonly plans: readonly Plan[];
      readonly diagnostics: readonly Diagnostic[];
      readonly createdAt: number;
      readonly change: Omit<RunChange, "runId" | "expect">;
      readonly effects?: Effects;
    }): Promise<RunRow>;
    /** Rejects with `stored-invalid` or `stored-newer` if something stored for the run is unreadable. */
    byId(id: string): Promise<RunRow | undefined>;
    /**
     * The number of the repository's newest run, 0 if it has none: counted, because ids follow a clock that may be set
     * back.
     */
    lastNumber(repositoryId: string): Promise<number>;
    list(filter: RunFilter): Promise<readonly ListedRun[]>;
    /** Numbers and titles of these runs, if they exist. */
    titles(ids: readonly string[]): Promise<readonly Pick<RunRow, "id" | "number" | "title">[]>;
    /** The compiled plans, as they were when the run was created. */
    plans(id: string): Promise<readonly Plan[]>;
    /**
     * The head of the state, and the values of its parts in order. The version shows a change in the middle of the
     * read.
     */
    state(
      id: string,
    ): Promise<{ readonly state: string; readonly parts: readonly string[]; readonly version: number } | undefined>;
    /**
     * Applies a change with its effects; returns false and writes nothing if `expect` is no longer the version, or the
     * message was already settled.
     */
    apply(change: RunChange, effects?: Effects): Promise<boolean>;
    /** Runs that are not terminal, oldest first. */
    open(): Promise<readonly ListedRun[]>;
    annotations(
      runId: string,
      most: Most,
    ): Promise<Newest<{ readonly jobId: string; readonly step: number; readonly annotation: Annotation }>>;
    summaries(
      runId: string,
      most: Most,
    ): Promise<Newest<{ readonly jobId: string; readonly step: number; readonly markdown: string }>>;
  };
  readonly jobs: {
    byId(id: string): Promise<JobRow | undefined>;
    ofRun(runId: string): Promise<readonly JobHead[]>;
    /** The steps of each job in their order. */
    stepsOf(jobIds: readonly string[]): Promise<readonly StepRow[]>;
    queued(): Promise<readonly JobHead[]>;
    running(): Promise<readonly JobRow[]>;
    /** The oldest queued jobs whose labels are all among `labels`, up to `limit`; none of the runs in `except`. */
    fitting(labels: readonly string[], limit: number, except?: readonly string[]): Promise<readonly JobRow[]>;
    /** Jobs leased to this runner that it has not begun. */
    unbegun(runnerId: string): Promise<readonly JobRow[]>;
    heartbeat(id: string, fence: number, now: number): Promise<boolean>;
    /** Stores the current log sizes of steps; ignores steps that have no row yet. */
    logSizes(sizes: readonly (LogSize & { readonly jobId: string; readonly step: number })[]): Promise<void>;
  };
  readonly runners: {
    save(row: RunnerRow): Promise<void>;
    byId(id: string): Promise<RunnerRow | undefined>;
    list(): Promise<readonly RunnerRow[]>;
    seen(id: string, now: number): Promise<void>;
    remove(id: string): Promise<void>;
  };
  readonly tokens: {
    /** Stores the SHA-256 of the token, never the token. Rejects with `already-exists`. */
    add(row: Omit<TokenRow, "id">, hash: string, effects?: Effects): Promise<TokenRow>;
    byHash(hash: string): Promise<TokenRow | undefined>;
    list(): Promise<readonly TokenRow[]>;
    /** Returns false and writes nothing if there is no such token. */
    remove(id: string, effects?: Effects): Promise<boolean>;
  };
  readonly artifacts: {
    /** Rejects with `already-exists` if the run's current attempt has the name and `overwrite` is false. */
    add(
      row: Omit<ArtifactRow, "id">,
      overwrite: boolean,
    ): Promise<{ readonly row: ArtifactRow /** The blob that was replaced. */; readonly replaced?: string }>;
    /** Of all attempts, newest first: the first of a name is the one to download. */
    ofRun(runId: string): Promise<readonly ArtifactRow[]>;
    byId(id: string): Promise<ArtifactRow | undefined>;
    /** Bytes of all artifacts of a run, and of its repository. */
    used(runId: string): Promise<{ readonly run: number; readonly repository: number }>;
    expired(now: number): Promise<readonly ArtifactRow[]>;
    remove(id: string): Promise<void>;
  };
  readonly caches: {
    /** False if the key already exists for that repository, scope and version. */
    add(row: CacheRow): Promise<boolean>;
    /** Searches `scopes` in order: first the exact key, then the newest whose key begins with a restore key. */
    find(
      repositoryId: string,
      scopes: readonly string[],
      key: string,
      restoreKeys: readonly string[],
      version: string,
    ): Promise<CacheRow | undefined>;
    touch(row: CacheRow, now: number): Promise<void>;
    ofRepository(repositoryId: string): Promise<readonly CacheRow[]>;
    remove(row: CacheRow): Promise<void>;
  };
  readonly messages: {
    add(messages: readonly NewMessage[]): Promise<void>;
    /** Deliverable messages, oldest first: they are due, and no earlier one of their key blocks them. */
    deliverable(now: number, limit: number): Promise<readonly MessageRow[]>;
    /** When the next one becomes due. */
    nextDue(now: number): Promise<number | undefined>;
    /** Removes messages that were delivered, or given up. */
    settle(ids: readonly number[]): Promise<void>;
    /** A delivery failed: sets when it is due again, and whether it blocks later ones of its key until then. */
    postpone(
      id: number,
      next: { readonly dueAt: number; readonly holds: boolean; readonly error: string },
    ): Promise<void>;
    count(): Promise<number>;
  };
  readonly leases: {
    /** Takes or extends the named lease; false while another holds it. `takeOver` if the other is known to be gone. */
    take(lease: {
      readonly name: string;
      readonly holder: string;
      readonly now: number;
      readonly expiresAt: number;
      readonly takeOver?: boolean;
    }): Promise<boolean>;
    release(name: string, holder: string): Promise<void>;
  };
  readonly groups: {
    /** Concurrency groups, one per repository and name, with optimistic versions. The caller encodes their states. */
    state(
      repositoryId: string,
      group: string,
    ): Promise<{ readonly state: string; readonly version: number } | undefined>;
    /**
     * Saves a state with its effects. Returns false and writes nothing if the version has changed, or the message was
     * already settled; version 0 creates. A null state removes.
     */
    save(
      repositoryId: string,
      group: string,
      state: string | null,
      expect: number,
      effects?: Effects,
    ): Promise<boolean>;
    list(): Promise<
      readonly {
        readonly repositoryId: string;
        readonly group: string;
        readonly state: string;
        readonly version: number;
      }[]
    >;
  };
  readonly schedules: {
    /**
     * Makes these the repository's schedules: new ones are known since `now`, others are removed. Returns all of them.
     */
    replace(
      repositoryId: string,
      lines: readonly Pick<ScheduleRow, "cron" | "timeZone">[],
      now: number,
    ): Promise<readonly ScheduleRow[]>;
    /** Of one repository, or of all. */
    list(repositoryId?: string): Promise<readonly ScheduleRow[]>;
    /** Records a handled due time, or the started event, or both. */
    note(
      schedule: Pick<ScheduleRow, "repositoryId" | "cron" | "timeZone">,
      done: { readonly due?: number; readonly event?: string },
    ): Promise<void>;
  };
  readonly files: {
    /** Those of the jobs that have a row, and those of the blobs that an artifact or cache refers to. */
    known(files: LeftFiles): Promise<LeftFiles>;
  };
  readonly retention: {
    /**
     * Removes ended runs of a repository, oldest first, about `limit` at once, with effects made for the files that they
     * leave. Their events stay. Resolves to how many it removed: 0 when none is left that the rule lets go.
     */
    removeRuns(
      repositoryId: string,
      rule: RunRetention,
      limit: number,
      effects: (left: LeftFiles) => Effects,
    ): Promise<number>;
    /**
     * Removes up to `limit` events that were received before, are done and have no run, except the last ones of
     * schedules. Resolves to how many: 0 when none is left. An event with the key of a removed one is new.
     */
    removeEvents(before: number, limit: number): Promise<number>;
  };
  readonly audit: {
    /** Newest first; those before an entry, to page back in time. */
    list(filter: {
      readonly before?: string;
      readonly limit: number;
    }): Promise<readonly (AuditEntry & { readonly id: string })[]>;
  };
  /** To the other processes that have the database open. */
  readonly channel: Channel;
  close(): Promise<void>;
}
