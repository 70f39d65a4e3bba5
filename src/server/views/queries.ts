import { type Job, type Run, type RunDetail, type RunnerView, SluiceError } from "../../model/index.ts";
import type { JobHead, ListedRun, RunFilter, Store } from "../../store/index.ts";
import type { Runners } from "../runners/runners.ts";
import { artifactView, jobView, notesView, runView } from "./views.ts";
import { Waits } from "./waits.ts";

/** The current activity, for the page's overview. */
export interface Now {
  readonly running: readonly Run[];
  readonly waiting: readonly Run[];
  /** Failed within the last day, newest first. */
  readonly failed: readonly Run[];
  readonly runners: readonly RunnerView[];
  readonly queuedJobs: number;
}

const dayMs = 86_400_000;
const failedShown = 20;
/** Limits of one response about everything a run's jobs have reported; the page accepts no more either. */
const notesShown = {
  annotations: { rows: 1000, bytes: 4 * 1024 * 1024 },
  summaries: { rows: 1000, bytes: 20 * 1024 * 1024 },
};

/** Answers queries about runs, from the store. */
export class Queries {
  readonly #store: Store;
  readonly #runners: Runners;
  readonly #now: () => number;

  constructor(options: { readonly store: Store; readonly runners: Runners; readonly now: () => number }) {
    this.#store = options.store;
    this.#runners = options.runners;
    this.#now = options.now;
  }

  /** Newest first. The filter's repository can be an id or a name. */
  async runs(filter: RunFilter): Promise<readonly Run[]> {
    const named =
      filter.repository === undefined ? undefined : await this.#store.repositories.byName(filter.repository);
    const rows = await this.#store.runs.list(named === undefined ? filter : { ...filter, repository: named.id });
    return this.#views(rows);
  }

  /** Rejects with `not-found`. */
  async run(id: string): Promise<RunDetail> {
    const row = await this.#store.runs.byId(id);
    if (row === undefined) throw new SluiceError("not-found", `No run ${id}.`);
    const [jobs, annotations, summaries, artifacts] = await Promise.all([
      this.#store.jobs.ofRun(id),
      this.#store.runs.annotations(id, notesShown.annotations),
      this.#store.runs.summaries(id, notesShown.summaries),
      this.#store.artifacts.ofRun(id),
    ]);
    const newest = await this.#jobs(jobs.filter((job) => job.newest));
    const earlier = await this.#jobs(jobs.filter((job) => !job.newest));
    return {
      ...((await this.#views([row]))[0] ?? runView(row)),
      jobs: [...newest],
      earlier: earlier.toSorted((left, right) => right.attempt - left.attempt || (left.id < right.id ? 1 : -1)),
      ...notesView(annotations, summaries),
      artifacts: artifacts.map(artifactView),
      diagnostics: row.diagnostics.map(({ file, line, column, severity, code, message, help }) => ({
        file,
        line,
        column,
        severity,
        code,
        message,
        help,
      })),
    };
  }

  /** Rejects with `not-found`. */
  async job(id: string): Promise<Job> {
    const row = await this.#store.jobs.byId(id);
    const [view] = row === undefined ? [] : await this.#jobs([row]);
    if (view === undefined) throw new SluiceError("not-found", `No job ${id}.`);
    return view;
  }

  async now(): Promise<Now> {
    const [open, failed, queued, runners] = await Promise.all([
      this.#store.runs.open(),
      this.#store.runs.list({ status: ["failure"], limit: failedShown }),
      this.#store.jobs.queued(),
      this.#runners.views(),
    ]);
    const newest = open.toReversed();
    const since = this.#now() - dayMs;
    return {
      running: newest.filter((row) => row.status === "running").map((row) => runView(row)),
      waiting: await this.#views(newest.filter((row) => row.status !== "running")),
      failed: failed.filter((row) => (row.finishedAt ?? row.createdAt) >= since).map((row) => runView(row)),
      runners,
      queuedJobs: queued.length,
    };
  }

  /** Runs, each with the reason if it waits. */
  async #views(rows: readonly ListedRun[]): Promise<readonly Run[]> {
    const waits = await Waits.of(this.#store, rows.some(isWaiting) ? await this.#runners.views() : [], rows);
    return rows.map((row) => runView(row, waits.ofRun(row)));
  }

  async #jobs(rows: readonly JobHead[]): Promise<readonly Job[]> {
    const steps = Map.groupBy(await this.#store.jobs.stepsOf(rows.map((row) => row.id)), (step) => step.jobId);
    const runners = await this.#runners.views();
    const waits = await Waits.of(this.#store, runners, rows);
    return rows.map((row) =>
      jobView(row, {
        steps: steps.get(row.id) ?? [],
        runner: runners.find((runner) => runner.id === row.runnerId)?.name,
        wait: waits.ofJob(row),
      }),
    );
  }
}

function isWaiting(row: ListedRun): boolean {
  return row.status === "pending" || row.status === "blocked";
}
