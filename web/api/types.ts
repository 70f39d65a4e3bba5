/** The page's words for what the API answers with: the server's own schemas, as types only. */
import type { LogPage, Run, RunnerView } from "../../src/model/api.ts";

export type { Artifact, Job, LiveEvent, LogPage, LogSearch, Problem, Repository, Run, RunDetail, RunnerView, Step } from "../../src/model/api.ts";

export interface Now {
  readonly running: Run[];
  readonly waiting: Run[];
  /** Lately, newest first. */
  readonly failed: Run[];
  readonly runners: RunnerView[];
  readonly queuedJobs: number;
}

export interface RunPage {
  readonly runs: Run[];
  /** Give it as `before` for the next page. */
  readonly next?: string;
}

export interface RunFilter {
  readonly repository?: string;
  readonly status?: Run["status"];
  readonly text?: string;
}

export interface Session {
  readonly name: string;
  readonly role: string;
}

/** A `lines` message of a log's stream. */
export type LogLines = Pick<LogPage, "first" | "lines" | "times">;

