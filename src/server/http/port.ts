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
import type { Blobs, Logs, RepositoryRow, RunFilter, Store } from "../../store/index.ts";

/*
 * What the HTTP side asks of the rest of the server. It holds no state of its own: every answer is made from these.
 */

export interface Now {
  readonly running: readonly Run[];
  /** Each with what it waits for. */
  readonly waiting: readonly Run[];
  /** Lately, newest first. */
  readonly failed: readonly Run[];
  readonly runners: readonly RunnerView[];
  readonly queuedJobs: number;
  /** What keeps the server from its work. */
  readonly notices: readonly Notice[];
}

/** Runs and runners: what the controllers know and do. Methods that name a thing reject with `not-found` when it is not there. */
export interface Control {
  /** Stores an event and answers at once; the run follows. `fresh` is false when the event is known already. */
  accept(
    event: Event,
    repositoryId: string,
    dedupeKey: string,
  ): Promise<{ readonly id: string; readonly fresh: boolean }>;
  /** Something of a repository that is shown has changed, or its default branch has moved. */
  repositoryChanged(repositoryId: string): void;
  /** Newest first. */
  runs(filter: RunFilter): Promise<readonly Run[]>;
  run(id: string): Promise<RunDetail>;
  /** `by` is the name of who acts. */
  cancelRun(id: string, by: string): Promise<void>;
  /** Rejects with `conflict` when the run has nothing to run again. */
  rerun(id: string, mode: "all" | "failed", by: string): Promise<void>;
  job(id: string): Promise<Job>;
  cancelJob(id: string, by: string): Promise<void>;
  now(): Promise<Now>;
  runners(): Promise<readonly RunnerView[]>;
  notices(): readonly Notice[];
  /** Something failed: that the storage is full becomes a notice. */
  trouble(error: unknown): void;
  /** A runner makes itself known, or known anew under its old id. */
  registerRunner(runner: {
    readonly id?: string;
    readonly name: string;
    readonly labels: readonly string[];
    readonly capacity: number;
  }): Promise<{ readonly id: string }>;
  /** The service behind every runner's calls, bound to one runner. */
  channelFor(runnerId: string): RunnerChannel;
  readonly schedules: {
    /** Of one repository, or of all: what starts by itself, and what keeps the rest from it. */
    list(
      repositoryId?: string,
    ): Promise<{ readonly schedules: readonly Schedule[]; readonly problems: readonly ScheduleProblem[] }>;
    run(id: string, sender: string): Promise<{ readonly event: string }>;
  };
  readonly live: Live;
}

export interface LiveMessage {
  /** Grows by one with each message; of use only to the server process that gave it out. */
  readonly id: string;
  readonly event: LiveEvent;
}

/** Everything that changes, as it changes. */
export interface Live {
  /**
   * Hears what follows message `after` (or from now on). `resync` is true when messages since then are lost:
   * ask for everything again. The listener must not block.
   */
  subscribe(
    after: string | undefined,
    listener: (message: LiveMessage) => void,
  ): { readonly resync: boolean; readonly close: () => void };
}

/** What somebody starts by hand. */
export interface ManualStart {
  /** A branch or tag. */
  readonly ref: string;
  readonly workflow?: string;
  readonly inputs: Readonly<Record<string, string>>;
  readonly sender: string;
}

/** Serves git clients; who may do what is decided before. */
export interface GitServer {
  serve(repository: RepositoryRow, request: Omit<GitHttpRequest, "repository">): Promise<GitHttpAnswer>;
}

/** The repositories that Sluice knows. */
export interface Repositories {
  list(): Promise<readonly Repository[]>;
  view(row: RepositoryRow): Promise<Repository>;
  byName(name: string): Promise<RepositoryRow>;
  /** Makes a managed one below the data folder, or attaches the bare repository at `path`. Rejects with `already-exists`. */
  create(options: { readonly name: string; readonly path?: string }): Promise<Repository>;
  /** Forgets it with its runs; the files of one that was attached stay. Rejects with `conflict` while it has open runs. */
  remove(name: string): Promise<void>;
  /** Starts workflows by hand. */
  dispatch(name: string, start: ManualStart): Promise<{ readonly event: string }>;
  /** Something was pushed over HTTP: looks at the spool without waiting to be told. */
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
  /** True once everything is open and pending work was taken up; readiness. */
  readonly ready: () => boolean;
}
