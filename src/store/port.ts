import type { Annotation, Event, Json, JobStatus, Plan, RunStatus, StepStatus, Diagnostic } from "../model/index.ts";
import type { Most, Newest } from "./newest.ts";

/*
 * What the store promises to the rest of the house. One implementation (Kysely) serves SQLite and PostgreSQL.
 * All times are milliseconds since 1970, passed in by the caller: the store has no clock.
 * Ids are ULIDs made by the caller's side of the store. Rows come back complete and parsed.
 */

export interface RepositoryRow {
  readonly id: string;
  readonly name: string;
  /** Absolute path of the bare repository. */
  readonly path: string;
  /** True when Sluice made it below its data folder; false when `sluice repo add` attached it. */
  readonly managed: boolean;
  readonly defaultBranch: string;
  readonly createdAt: number;
}

export interface EventRow {
  readonly id: string;
  readonly repositoryId: string;
  readonly event: Event;
  readonly receivedAt: number;
}

export interface RunRow {
  readonly id: string;
  readonly repositoryId: string;
  readonly repository: string;
  readonly number: number;
  readonly attempt: number;
  readonly status: RunStatus;
  readonly waitsFor?: string;
  readonly title: string;
  readonly event: Event;
  /** Per workflow, for lists. */
  readonly workflows: readonly WorkflowRow[];
  readonly diagnostics: readonly Diagnostic[];
  /** Grows with every change of the state; a write with an old version is refused. */
  readonly version: number;
  readonly createdAt: number;
  readonly startedAt?: number;
  readonly finishedAt?: number;
}

export interface WorkflowRow {
  readonly workflow: string;
  readonly name: string;
  readonly runName?: string;
  readonly path?: string;
  readonly dialect: Plan["dialect"];
  readonly status: RunStatus;
}

export interface JobRow {
  readonly id: string;
  readonly runId: string;
  readonly key: string;
  readonly job: string;
  readonly workflow: string;
  readonly name: string;
  readonly attempt: number;
  readonly status: JobStatus;
  readonly waitsFor?: string;
  readonly reason?: string;
  readonly needs: readonly string[];
  readonly labels: readonly string[];
  /** Position for first come, first served, and for display. */
  readonly position: number;
  readonly fence: number;
  readonly runnerId?: string;
  /** The cell's contexts and resolved settings, for the assignment. */
  readonly detail: Json;
  readonly outputs: Readonly<Record<string, string>>;
  /** Report entries applied so far. */
  readonly reported: number;
  readonly cancelRequested: boolean;
  readonly heartbeatAt?: number;
  readonly queuedAt?: number;
  readonly startedAt?: number;
  readonly finishedAt?: number;
}

export interface StepRow {
  readonly jobId: string;
  readonly index: number;
  readonly id: string;
  readonly name: string;
  readonly status: StepStatus;
  readonly allowed: boolean;
  readonly exitCode?: number;
  readonly reason?: string;
  readonly startedAt?: number;
  readonly finishedAt?: number;
}

export interface RunnerRow {
  readonly id: string;
  readonly name: string;
  readonly labels: readonly string[];
  readonly capacity: number;
  readonly lastSeenAt: number;
}

export interface TokenRow {
  readonly id: string;
  readonly name: string;
  readonly role: "admin" | "writer" | "viewer" | "runner";
  /** For a runner's token: whose it is. */
  readonly runnerId?: string;
  readonly createdAt: number;
}

export interface ArtifactRow {
  readonly id: string;
  readonly runId: string;
  readonly jobId: string;
  readonly name: string;
  readonly bytes: number;
  /** Key in the blob store. */
  readonly blob: string;
  readonly createdAt: number;
  readonly expiresAt: number;
}

export interface CacheRow {
  readonly repositoryId: string;
  /** Ref it was saved from: another branch sees it only when this is the default branch. */
  readonly scope: string;
  readonly key: string;
  readonly version: string;
  readonly bytes: number;
  readonly blob: string;
  readonly createdAt: number;
  readonly usedAt: number;
}

/** A message that a change leaves to be delivered after its commit, at least once. */
export interface OutboxRow {
  readonly id: string;
  readonly topic: string;
  readonly body: Json;
  readonly attempts: number;
}

/** A cron line of a repository's default branch. */
export interface ScheduleRow {
  readonly repositoryId: string;
  readonly cron: string;
  readonly timeZone: string;
  /** Since when it is known: it was never due before. */
  readonly since: number;
  /** The last due time that was dealt with. */
  readonly lastDue?: number;
  /** The last event that it started. */
  readonly last?: {
    /** False while no run was made of it yet. */
    readonly done: boolean;
    readonly run?: Pick<RunRow, "id" | "number" | "status">;
  };
}

/** What changes of a job. */
export type JobChange = Pick<JobRow, "id" | "runId"> &
  Partial<Omit<JobRow, "waitsFor" | "reason" | "runnerId">> & { readonly waitsFor?: string | null; readonly reason?: string | null; readonly runnerId?: string | null };

/** A part of a run's state that is stored by itself. */
export interface StatePart {
  /** Unique in the run. */
  readonly key: string;
  /** Parts come back in the order of their places. */
  readonly place: number;
  /** Opaque to the store. */
  readonly value: Json;
}

/** One change of a run: written whole or not at all, together with its outgoing messages. */
export interface RunChange {
  readonly runId: string;
  /** The version the change was computed from. */
  readonly expect: number;
  /** The head of the engine's state; opaque to the store. Absent when the change leaves it as it is. */
  readonly state?: Json;
  /** The parts of the state that are new or differ: a run of many jobs must not be written whole with each of their steps. */
  readonly parts?: readonly StatePart[];
  /** Keys of parts that there are no more. */
  readonly dropped?: readonly string[];
  readonly run: Partial<Pick<RunRow, "status" | "attempt" | "workflows" | "startedAt" | "finishedAt">> & { readonly waitsFor?: string | null };
  /** Inserted or updated by id; fields that are absent keep their value, null empties one. */
  readonly jobs: readonly JobChange[];
  /** Steps to insert or update by job and index. */
  readonly steps: readonly (Partial<StepRow> & Pick<StepRow, "jobId" | "index">)[];
  readonly annotations: readonly { readonly jobId: string; readonly step: number; readonly annotation: Annotation }[];
  readonly summaries: readonly { readonly jobId: string; readonly step: number; readonly markdown: string }[];
  readonly outbox: readonly { readonly topic: string; readonly body: Json }[];
}

export interface RunFilter {
  readonly repository?: string;
  readonly status?: readonly RunStatus[];
  /** Part of the ref, title, author or the beginning of the sha. */
  readonly text?: string;
  /** Runs older than this id (pages go backwards in time). */
  readonly before?: string;
  readonly limit: number;
}

export interface Store {
  readonly repositories: {
    add(row: Omit<RepositoryRow, "id">): Promise<RepositoryRow>;
    byName(name: string): Promise<RepositoryRow | undefined>;
    byId(id: string): Promise<RepositoryRow | undefined>;
    list(): Promise<readonly RepositoryRow[]>;
    /**
     * Forgets the repository with its runs; files of managed repositories are the caller's, and so are the logs and
     * blobs that nothing refers to any more: it answers with their jobs and keys.
     */
    remove(id: string): Promise<{ readonly jobs: readonly string[]; readonly blobs: readonly string[] }>;
    /** Last commit seen of each ref: what a missed push is found by. */
    tips(id: string): Promise<ReadonlyMap<string, string>>;
    /** Remembers the commits of refs, all at once; null forgets a ref. */
    setTips(id: string, tips: ReadonlyMap<string, string | null>): Promise<void>;
    /** Remembers which branch is the default one. */
    setDefaultBranch(id: string, branch: string): Promise<void>;
  };
  readonly events: {
    /**
     * Stores the event unless the repository has one with the same dedupe key; `fresh` tells. A push moves the tip of
     * its ref in the same transaction (also a repeated one: the tip is the last push heard of).
     */
    accept(row: Omit<EventRow, "id">, dedupeKey: string): Promise<{ readonly id: string; readonly fresh: boolean }>;
    /** Events accepted and not yet done, oldest first: work left over from a crash. */
    pending(): Promise<readonly EventRow[]>;
    done(id: string): Promise<void>;
  };
  readonly runs: {
    /** Creates the run and marks its event done, in one transaction; numbers it. A second call for one event returns the first run. */
    create(row: {
      /** The id to give it, when the caller needed it before (plans carry it); otherwise the store makes one. */
      readonly id?: string;
      readonly eventId: string;
      readonly repositoryId: string;
      readonly event: Event;
      readonly title: string;
      readonly plans: readonly Plan[];
      readonly diagnostics: readonly Diagnostic[];
      readonly createdAt: number;
      /** Builds the first change from the run's id and number. */
      readonly begin: (run: { readonly id: string; readonly number: number }) => Omit<RunChange, "runId" | "expect">;
    }): Promise<RunRow>;
    byId(id: string): Promise<RunRow | undefined>;
    byNumber(repositoryId: string, number: number): Promise<RunRow | undefined>;
    /** The number of the repository's newest run, 0 when it has none: counted, for ids follow a clock that may be put back. */
    lastNumber(repositoryId: string): Promise<number>;
    list(filter: RunFilter): Promise<readonly RunRow[]>;
    /** The compiled plans, as they were when the run was made. */
    plans(id: string): Promise<readonly Plan[]>;
    /** The head of the state, and the values of its parts in their order. A change in the middle of the reading is noticed by the version. */
    state(id: string): Promise<{ readonly state: Json; readonly parts: readonly Json[]; readonly version: number } | undefined>;
    /** Applies a change; false (and nothing written) when `expect` is no longer the version. */
    apply(change: RunChange): Promise<boolean>;
    /** Runs that are not terminal, oldest first. */
    open(): Promise<readonly RunRow[]>;
    annotations(runId: string, most: Most): Promise<Newest<{ readonly jobId: string; readonly step: number; readonly annotation: Annotation }>>;
    summaries(runId: string, most: Most): Promise<Newest<{ readonly jobId: string; readonly step: number; readonly markdown: string }>>;
  };
  readonly jobs: {
    byId(id: string): Promise<JobRow | undefined>;
    ofRun(runId: string): Promise<readonly JobRow[]>;
    stepsOf(jobIds: readonly string[]): Promise<readonly StepRow[]>;
    queued(): Promise<readonly JobRow[]>;
    running(): Promise<readonly JobRow[]>;
    /**
     * Takes up to `limit` queued jobs whose labels are all among `labels`, oldest first: sets runner, `fence + 1`,
     * heartbeat and state `running`, and starts its report anew (`reported` 0). No two callers ever get the same one (SKIP LOCKED on PostgreSQL).
     */
    take(taker: { readonly runnerId: string; readonly labels: readonly string[]; readonly limit: number; readonly now: number }): Promise<readonly JobRow[]>;
    heartbeat(id: string, fence: number, now: number): Promise<boolean>;
    requestCancel(id: string): Promise<void>;
  };
  readonly runners: {
    save(row: RunnerRow): Promise<void>;
    byId(id: string): Promise<RunnerRow | undefined>;
    list(): Promise<readonly RunnerRow[]>;
    seen(id: string, now: number): Promise<void>;
    remove(id: string): Promise<void>;
  };
  readonly tokens: {
    /** Keeps the SHA-256 of the token, never the token. */
    add(row: Omit<TokenRow, "id">, hash: string): Promise<TokenRow>;
    byHash(hash: string): Promise<TokenRow | undefined>;
    list(): Promise<readonly TokenRow[]>;
    remove(id: string): Promise<void>;
  };
  readonly artifacts: {
    /** Rejects with `already-exists` when the run's present attempt has the name and `overwrite` is false. */
    add(row: Omit<ArtifactRow, "id">, overwrite: boolean): Promise<{ readonly row: ArtifactRow; /** Blob that was replaced. */ readonly replaced?: string }>;
    /** Of all attempts, newest first: the first of a name is the one to download. */
    ofRun(runId: string): Promise<readonly ArtifactRow[]>;
    byId(id: string): Promise<ArtifactRow | undefined>;
    /** Bytes of all artifacts of a run, and of all of its repository. */
    used(runId: string): Promise<{ readonly run: number; readonly repository: number }>;
    expired(now: number): Promise<readonly ArtifactRow[]>;
    remove(id: string): Promise<void>;
  };
  readonly caches: {
    /** False when the key is there already for that repository, scope and version. */
    add(row: CacheRow): Promise<boolean>;
    /** Looks through `scopes` in order: the exact key first, then the newest whose key begins with a restore key. */
    find(repositoryId: string, scopes: readonly string[], key: string, restoreKeys: readonly string[], version: string): Promise<CacheRow | undefined>;
    touch(row: CacheRow, now: number): Promise<void>;
    ofRepository(repositoryId: string): Promise<readonly CacheRow[]>;
    remove(row: CacheRow): Promise<void>;
  };
  readonly outbox: {
    /** Undelivered messages, oldest first. */
    pending(limit: number): Promise<readonly OutboxRow[]>;
    delivered(id: string): Promise<void>;
    failed(id: string, error: string): Promise<void>;
  };
  readonly groups: {
    /** Concurrency groups are kept as the engine's group state, one per repository and name, under optimistic versions. */
    state(repositoryId: string, group: string): Promise<{ readonly state: Json; readonly version: number } | undefined>;
    /** False when the version is no longer that; version 0 creates. A null state removes. */
    save(repositoryId: string, group: string, state: Json | null, expect: number): Promise<boolean>;
    list(): Promise<readonly { readonly repositoryId: string; readonly group: string; readonly state: Json; readonly version: number }[]>;
  };
  readonly schedules: {
    /** Makes these the repository's schedules: new ones are known since `now`, and those that are not among them are forgotten. Answers with all. */
    replace(repositoryId: string, lines: readonly Pick<ScheduleRow, "cron" | "timeZone">[], now: number): Promise<readonly ScheduleRow[]>;
    /** Of one repository, or of all. */
    list(repositoryId?: string): Promise<readonly ScheduleRow[]>;
    /** Notes a due time that was dealt with, or the event that was started, or both. */
    note(schedule: Pick<ScheduleRow, "repositoryId" | "cron" | "timeZone">, done: { readonly due?: number; readonly event?: string }): Promise<void>;
  };
  readonly audit: {
    add(entry: { readonly at: number; readonly actor: string; readonly action: string; readonly subject: string; readonly detail: Json }): Promise<void>;
    list(limit: number): Promise<readonly { readonly at: number; readonly actor: string; readonly action: string; readonly subject: string; readonly detail: Json }[]>;
  };
  close(): Promise<void>;
}

/** Bytes by key, outside the database: artifacts and caches. Keys are ours, never a user's text. */
export interface Blobs {
  /** Writes whole or not at all; rejects with `storage-full` and leaves nothing behind when the disk is full. `limit` bytes at most. */
  put(key: string, content: AsyncIterable<Uint8Array>, limit?: number): Promise<{ readonly bytes: number }>;
  get(key: string): Promise<{ readonly bytes: number; readonly content: AsyncIterable<Uint8Array> }>;
  remove(key: string): Promise<void>;
}

export interface LogRange {
  readonly first: number;
  readonly lines: readonly string[];
  readonly times: readonly number[];
  readonly total: number;
  readonly bytes: number;
  readonly closed: boolean;
}

/**
 * Step logs: files with a sparse line index beside them, compressed in frames when closed.
 * Memory does not grow with a log. A line is cut for reading at 64 KiB; the stored bytes are complete.
 */
export interface Logs {
  /**
   * Appends at `offset` (see RunnerChannel.log): rejects with `log-gap` (the error has the stored `length`), with
   * `log-closed` for new bytes after the close, and with `storage-full`. What was acknowledged stays readable. Answers
   * with the stored length and the number of lines so far.
   */
  append(job: string, step: number, offset: number, bytes: Uint8Array, now: number): Promise<{ readonly length: number; readonly lines: number }>;
  /** No more will come: ends a last line without newline, compresses. Closing twice is harmless. */
  close(job: string, step: number): Promise<void>;
  /**
   * Lines as they are counted here: one is a line once its newline is there, or the log is closed.
   * Lines `first` (from 1) to `first + count - 1`; a negative `first` counts from the end (-1 is the last line).
   * Fewer come where the log ends, or after 10,000 lines or about 4 MiB: ask again for the rest.
   */
  read(job: string, step: number, first: number, count: number): Promise<LogRange>;
  /** Length so far, without reading. */
  size(job: string, step: number): Promise<{ readonly lines: number; readonly bytes: number; readonly closed: boolean }>;
  /** Lines that contain `text` (case-insensitively; ANSI sequences left out), from line `from` on. */
  search(job: string, step: number, text: string, options: { readonly from: number; readonly limit: number; readonly signal: AbortSignal }): Promise<{ readonly matches: readonly { readonly line: number; readonly text: string }[]; readonly more: boolean }>;
  /** Numbers of the lines that tell of a failure, in order, `limit` at most; `first` is the one to begin reading at. */
  errors(job: string, step: number, options: { readonly limit: number; readonly signal: AbortSignal }): Promise<{ readonly first: number | null; readonly lines: readonly number[]; readonly more: boolean }>;
  /** The raw bytes from an offset, for download and for live streams. */
  raw(job: string, step: number, offset: number): AsyncIterable<Uint8Array>;
  /** Removes all logs of a job. */
  remove(job: string): Promise<void>;
}
