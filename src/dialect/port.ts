import type { Diagnostic, Event, Plan } from "../model/index.ts";
import type { Work } from "./pattern/index.ts";

/** One workflow file as it stands at the commit. */
export interface WorkflowFile {
  /** Path below the repository's root, with `/`. */
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
    /** The run on the page, where there is a server. */
    readonly url?: string;
    /** When it was made, in milliseconds since 1970. */
    readonly createdAt?: number;
  };
  /** Repository variables (`vars`). */
  readonly vars: Readonly<Record<string, string>>;
  /** Variables that every job of an Actions workflow has besides; the author's own win. */
  readonly env?: Readonly<Record<string, string>>;
  /** The base address of the forge or server, for `github.server_url` and its kin. */
  readonly serverUrl: string;
}

/** One file compiled. `plan` is absent when the file has errors, or when the event does not start it. */
export interface Compilation {
  readonly file: string;
  readonly plan?: Plan;
  readonly diagnostics: readonly Diagnostic[];
  /** Why the event does not start it, for people; absent when it does, or when there are errors. */
  readonly skipped?: string;
}

/**
 * A front end: YAML text in, plans and diagnostics out. Pure, and total: hostile input yields diagnostics, never a throw.
 */
export interface DialectFrontEnd {
  /** True when the path is where this dialect's files live. */
  owns(path: string): boolean;
  /** Throws a TooMuchWork when the file's filters take more than the work, and nothing else. */
  compile(file: WorkflowFile, context: CompileContext, work?: Work): Compilation;
  /** Everything that can be found without an event. */
  lint(file: WorkflowFile): readonly Diagnostic[];
  /** The cron lines of the file that can be due; none where it has errors. */
  schedules(file: WorkflowFile): readonly ScheduleLine[];
}

/** A cron line of a workflow, with its place in the file. */
export interface ScheduleLine {
  readonly cron: string;
  /** `UTC` where the file does not say. */
  readonly timeZone: string;
  /** The workflow's name. */
  readonly name: string;
  readonly line: number;
  readonly column: number;
}
