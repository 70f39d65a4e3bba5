import type { Compilation, CompileContext, Schedules, WorkflowFile } from "../../dialect/index.ts";
import type { Event, Source } from "../../model/index.ts";
import type { Blobs, Logs, RepositoryRow, Store } from "../../store/index.ts";
import type { Limits } from "./limits.ts";

/** As much of a pino logger as the controllers use. */
export interface Logger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What a schedule starts, and where. */
export interface ScheduledStart {
  readonly ref: string;
  readonly sha: string;
  readonly cron: string;
  readonly timeZone: string;
  /** Who starts it by hand; absent when it is due. */
  readonly sender?: string;
}

/** What the controllers need of the rest of the server. */
export interface ControlOptions {
  readonly store: Store;
  readonly blobs: Blobs;
  readonly logs: Logs;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds that only ever grow, whatever happens to the clock: how long a runner is silent. */
  readonly monotonic?: () => number;
  /** Compiles a commit's files for an event, whatever they are; rejects only when the server itself cannot. */
  readonly compileAll: (files: readonly WorkflowFile[], context: CompileContext) => Promise<readonly Compilation[]>;
  /** The workflow files of a commit. */
  readonly files: (repository: RepositoryRow, sha: string) => Promise<readonly WorkflowFile[]>;
  /** The cron lines of a commit's workflow files. */
  readonly schedules: (repository: RepositoryRow, files: readonly WorkflowFile[]) => Promise<Schedules>;
  /** The event of a schedule that is due on a branch's tip. Rejects when the commit cannot be read. */
  readonly scheduledEvent: (repository: RepositoryRow, due: ScheduledStart) => Promise<Event>;
  /** The paths that an event changed, when it does not say them itself; undefined when nobody knows. */
  readonly changedFiles: (repository: RepositoryRow, event: Event) => Promise<readonly string[] | undefined>;
  /** Where a job's checkout gets the commit; a token in it is good for so many minutes. */
  readonly source: (repository: RepositoryRow, event: Event, minutes: number) => Source;
  /** Address of the server as people reach it, without a slash at its end. */
  readonly baseUrl: string;
  readonly logger: Logger;
  /** Rejects with `storage-full` when there is no space to store anything; see `checkSpace`. */
  readonly probe: (thoroughly: boolean) => Promise<void>;
  readonly limits?: Partial<Limits>;
}
