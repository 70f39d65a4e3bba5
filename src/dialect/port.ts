import type { Diagnostic, Event, Plan } from "../model/index.ts";
import type { Work } from "./pattern/index.ts";

/** One workflow file at the commit. */
export interface WorkflowFile {
  /** Path relative to the repository's root, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** What a workflow is compiled for. */
export interface CompileContext {
  readonly event: Event;
  readonly run: {
    readonly id: string;
    readonly number: number;
    readonly attempt: number;
    /** The run's page, if there is a server. */
    readonly url?: string;
    /** When it was created, in milliseconds since 1970. */
    readonly createdAt?: number;
  };
  /** Repository variables (`vars`). */
  readonly vars: Readonly<Record<string, string>>;
  /** Additional variables of every job of an Actions workflow; the author's own win. */
  readonly env?: Readonly<Record<string, string>>;
  /** The base URL of the forge or server, for `github.server_url` and similar. */
  readonly serverUrl: string;
}

/** One compiled file. `plan` is absent if the file has errors, or if the event does not start it. */
export interface Compilation {
  readonly file: string;
  readonly plan?: Plan;
  readonly diagnostics: readonly Diagnostic[];
  /** Why the event does not start it, for people; absent if it does, or if there are errors. */
  readonly skipped?: string;
}

/**
 * A front end: YAML text in, plans and diagnostics out. Pure and total: hostile input yields diagnostics, never a
 * throw.
 */
export interface DialectFrontEnd {
  /** Whether this dialect's files are at the path. */
  owns(path: string): boolean;
  /** Throws `WorkExceeded` if the file's filters exceed the budget, and nothing else. */
  compile(file: WorkflowFile, context: CompileContext, work?: Work): Compilation;
  /** Everything that can be found without an event. */
  lint(file: WorkflowFile): readonly Diagnostic[];
  /** The cron lines of the file; empty if it has errors. */
  schedules(file: WorkflowFile): readonly ScheduleLine[];
}

/** A cron line of a workflow, with its place in the file. */
export interface ScheduleLine {
  readonly cron: string;
  /** `UTC` if the file does not say. */
  readonly timeZone: string;
  /** The workflow's name. */
  readonly name: string;
  readonly line: number;
  readonly column: number;
}
