import type {
  Event,
  Job,
  LiveEvent,
  Notice,
  Repository,
  Run,
  RunDetail,
  RunnerView,
  Schedule,
  ScheduleProblem,
} from "../../model/index.ts";
import type { GitHttpAnswer, GitHttpRequest } from "../../forge/index.ts";
import type { RunnerChannel } from "../../runner/index.ts";
import type { AuditEntry, Blobs, Logs, RepositoryRow, RunFilter, Store } from "../../store/index.ts";

/*
 * What the HTTP side needs from the rest of the server. It has no state of its own: every response is built from these.
 */

export interface Now {
  readonly running: readonly Run[];
  /** Each with what it waits for. */
  readonly waiting: readonly Run[];
  /** Recent ones, newest first. */
  readonly failed: readonly Run[];
  readonly runners: readonly RunnerView[];
  readonly queuedJobs: number;
  /** Problems that affect the whole server. */
  readonly notices: readonly Notice[];
}

/**
 * Runs and runners: what the controllers know and do. Methods that name something reject with `not-found` if it does
 * not exist.
 */
export interface Control {
  /**
   * Stores an event, with an audit entry if somebody started it, and returns at once; the run follows. `fresh` is false
   * if the event is already known.
   */
  accept(
    event: Event,
    repositoryId: string,
    dedupeKey: string,
    audit?: AuditEntry,
  ): Promise<{ readonly id: string; readonly fresh: boolean }>;
  /** A visible property of a repository has changed, or its default branch has moved. */
  repositoryChanged(repositoryId: string): void;
  /** Newest first. */
  runs(filter: RunFilter): Promise<readonly Run[]>;
  run(id: string): Promise<RunDetail>;
  /** `by` is the user's name. */
  cancelRun(id: string, by: string): Promise<void>;
  /** Rejects with `conflict` if the run has nothing to re-run. */
  rerun(id: string, mode: "all" | "failed", by: string): Promise<void>;
  job(id: string): Promise<Job>;
  cancelJob(id: string, by: string): Promise<void>;
  now(): Promise<Now>;
  runners(): Promise<readonly RunnerView[]>;
  notices(): readonly Notice[];
  /** Reports a failure: a full disk becomes a notice. */
  reportFailure(error: unknown): void;
  /** Registers a runner, or updates it under its old id. */
  registerRunner(runner: {
    readonly id?: string;
    readonly name: string;
    readonly labels: readonly string[];
    readonly capacity: number;
  }): Promise<{ readonly id: string }>;
  /** The service behind every runner's calls, bound to one runner. */
  channelFor(runnerId: string): RunnerChannel;
  readonly schedules: {
    /** The schedules of one or all repositories, and why others never run. */
    list(
      repositoryId?: string,
    ): Promise<{ readonly schedules: readonly Schedule[]; readonly problems: readonly ScheduleProblem[] }>;
    run(id: string, sender: string): Promise<{ readonly event: string }>;
  };
  readonly live: Live;
}

export interface LiveMessage {
  /** Increases with each message; only meaningful to the server process that issued it. */
  readonly id: string;
  readonly event: LiveEvent;
}

/** Everything that changes, as it changes. */
export interface Live {
  /** The id of the newest message. */
  readonly position: string;
  /**
   * Delivers messages after `after` (or from now on). `resync` is true if messages since then are lost: refetch
   * everything. The listener must not block.
   */
  subscribe(
    after: string | undefined,
    listener: (message: LiveMessage) => void,
  ): { readonly resync: boolean; readonly close: () => void };
}

/** A manual start. */
export interface ManualStart {
  /** A branch or tag. */
  readonly ref: string;
  readonly workflow?: string;
  readonly inputs: Readonly<Record<string, string>>;
  readonly sender: string;
}

/** Serves git clients; the caller checks permissions first. */
export interface GitServer {
  serve(repository: RepositoryRow, request: Omit<GitHttpRequest, "repository">): Promise<GitHttpAnswer>;
}

/** The repositories known to Sluice. */
export interface Repositories {
  list(): Promise<readonly Repository[]>;
  view(row: RepositoryRow): Promise<Repository>;
  byName(name: string): Promise<RepositoryRow>;
  /**
   * Creates a managed one in the data folder, or attaches the bare repository at `path`. `by` is the name of who does.
   * Rejects with `already-exists`.
   */
  create(options: { readonly name: string; readonly path?: string }, by: string): Promise<Repository>;
  /**
   * Removes it with its runs; the files of an attached one stay. `by` is the name of who does. Rejects with `conflict`
   * while it has open runs.
   */
  remove(name: string, by: string): Promise<void>;
  /** Starts workflows by hand. */
  dispatch(name: string, start: ManualStart): Promise<{ readonly event: string }>;
  /** Something was pushed over HTTP: reads the spool without waiting for a notification. */
  pushed(id: string): void;
}

export interface Services {
  readonly store: Store;
  readonly logs: Logs;
  readonly blobs: Blobs;
  readonly control: Control;
  readonly repositories: Repositories;
  readonly git: GitServer;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** True once everything is open and pending work has been resumed; for readiness. */
  readonly ready: () => boolean;
}
