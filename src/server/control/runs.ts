import { advance, type Effect, type EngineInput, type RunState } from "../../engine/index.ts";
import { type Event, isTerminal, type LiveEvent, type Plan, SluiceError } from "../../model/index.ts";
import type { RunChange, Store } from "../../store/index.ts";
import { changeRows, overall, runFields, storedRun, type StoredRun } from "./rows.ts";
import { Serial } from "./serial.ts";

/** A run as the controllers keep it in memory while it is open. */
export interface OpenRun {
  readonly id: string;
  readonly number: number;
  readonly repositoryId: string;
  readonly repository: string;
  readonly event: Event;
  readonly plans: readonly Plan[];
  readonly stored: StoredRun;
  readonly version: number;
}

/** What a change adds to what the engine makes of its inputs. */
export interface ChangeRequest {
  /** The start of this job, handed out and not written down yet, did not happen after all. */
  readonly withdrawn?: string;
  readonly inputs?: readonly EngineInput[];
  readonly jobs?: RunChange["jobs"];
  readonly steps?: RunChange["steps"];
  readonly annotations?: RunChange["annotations"];
  readonly summaries?: RunChange["summaries"];
}

export interface Changed {
  readonly before: RunState;
  readonly after: OpenRun;
}

/** What has to be done when a change is committed. */
export interface RunListener {
  /** Jobs were queued, with these labels each. */
  queued(labels: readonly (readonly string[])[]): void;
  /** Jobs (by row) shall stop. */
  cancelled(jobs: readonly string[]): void;
  /** Group effects, in order. */
  groups(run: OpenRun, effects: readonly Effect[]): void;
  outbox(): void;
  publish(event: LiveEvent): void;
}

/** How many open runs are kept in memory; others are read again when something happens to them. */
const kept = 500;
/** How often a change is computed anew because another server changed the run meanwhile. */
const attempts = 8;
/** A start that no report follows is written down after so long, in milliseconds. */
const startDelay = 500;

/**
 * Moves runs on: one change at a time for each run, each computed by the engine from the stored state and
 * written with its rows and messages in one transaction; what follows from it is done after the commit.
 */
export class RunService {
  readonly #store: Store;
  readonly #now: () => number;
  readonly #makeId: () => string;
  readonly #listener: RunListener;
  readonly #later: (ms: number, work: () => Promise<unknown>) => void;
  readonly #serial = new Serial();
  readonly #open = new Map<string, OpenRun>();
  /** Starts of jobs that were handed out, not written down yet: they go with the run's next change. */
  readonly #starts = new Map<string, EngineInput[]>();

  constructor(options: {
    store: Store;
    now: () => number;
    makeId: () => string;
    listener: RunListener;
    later: (ms: number, work: () => Promise<unknown>) => void;
  }) {
    this.#store = options.store;
    this.#now = options.now;
    this.#makeId = options.makeId;
    this.#listener = options.listener;
    this.#later = options.later;
  }

  /** The run with its plans and state. Rejects with `not-found`. */
  async open(runId: string): Promise<OpenRun> {
    const known = this.#open.get(runId);
    if (known !== undefined) return known;
    const [row, plans, state] = await Promise.all([
      this.#store.runs.byId(runId),
      this.#store.runs.plans(runId),
      this.#store.runs.state(runId),
    ]);
    if (row === undefined || state === undefined) throw new SluiceError("not-found", `There is no run ${runId}.`);
    const stored = storedRun(state.state, state.parts);
    const run: OpenRun = {
      id: row.id,
      number: row.number,
      repositoryId: row.repositoryId,
      repository: row.repository,
      event: row.event,
      plans,
      stored,
      version: state.version,
    };
    await this.#recoverStarts(run);
    this.remember(run);
    return run;
  }

  /** Jobs that a runner took before a restart, of which the state does not know yet. */
  async #recoverStarts({ id, stored }: OpenRun): Promise<void> {
    if (!stored.engine.jobs.some((job) => job.status === "queued")) return;
    const rows = new Map((await this.#store.jobs.ofRun(id)).map((row) => [row.id, row]));
    for (const { key, attempt, status } of stored.engine.jobs) {
      if (status === "queued" && rows.get(stored.rows[key] ?? "")?.status === "running")
        this.#addStart(id, key, attempt);
    }
  }

  /** Keeps a run that was just made or read. */
  remember(run: OpenRun): void {
    this.#open.delete(run.id);
    if (isTerminal(run.stored.engine.status)) return;
    this.#open.set(run.id, run);
    if (this.#open.size <= kept) return;
    const oldest = this.#open.keys().find((id) => !this.#starts.has(id));
    if (oldest !== undefined) this.#open.delete(oldest);
  }

  /** A job was handed to a runner. It is written down with the run's next change: the way to the job's first step needs no commit more. */
  started(runId: string, key: string, attempt: number): void {
    this.#addStart(runId, key, attempt);
    this.#later(startDelay, async () => (this.#starts.has(runId) ? this.change(runId, () => ({})) : undefined));
  }

  #addStart(runId: string, key: string, attempt: number): void {
    this.#starts.set(runId, [...(this.#starts.get(runId) ?? []), { type: "job.started", key, attempt }]);
  }

  /** Sends inputs to the engine. Rejects with `not-found`. */
  advance(runId: string, ...inputs: readonly EngineInput[]): Promise<Changed> {
    return this.change(runId, () => ({ inputs }));
  }

  /**
   * Changes a run. `prepare` sees the run as it stands and says what to do; it may be asked again when another
   * server was faster. When it asks for nothing and nothing follows, nothing is written.
   */
  change(runId: string, prepare: (run: OpenRun) => ChangeRequest | Promise<ChangeRequest>): Promise<Changed> {
    return this.#serial.run(runId, async () => {
      for (let attempt = 1; attempt <= attempts; attempt += 1) {
        const run = await this.open(runId);
        const changed = await this.#apply(run, await prepare(run));
        if (changed !== undefined) return changed;
        this.#open.delete(runId);
      }
      throw new SluiceError("unavailable", `The run ${runId} is changed by somebody else again and again.`);
    });
  }

  async #apply(run: OpenRun, request: ChangeRequest): Promise<Changed | undefined> {
    const noted = this.#starts.get(run.id) ?? [];
    const starts = noted.filter((input) => input.type !== "job.started" || input.key !== request.withdrawn);
    const inputs = [...starts, ...(request.inputs ?? [])];
    const { engine: before } = run.stored;
    const effects: Effect[] = [];
    let engine = before;
    for (const input of inputs) {
      const next = advance(run.plans, engine, input);
      engine = next.state;
      effects.push(...next.effects);
    }
    const { jobs = [], steps = [], annotations = [], summaries = [] } = request;
    if (engine === before && jobs.length + steps.length + annotations.length + summaries.length === 0) {
      this.#startsDone(run.id, noted);
      return { before, after: run };
    }
    const now = this.#now();
    const lost = new Map(inputs.filter((input) => input.type === "job.lost").map((input) => [input.key, input.reason]));
    const context = { runId: run.id, plans: run.plans, now, makeId: this.#makeId, lost };
    const rows = changeRows(context, run.stored, engine, effects);
    const status = overall(rows.stored);
    const was = overall(run.stored);
    const change: RunChange = {
      runId: run.id,
      expect: run.version,
      ...(engine === before ? {} : rows.state),
      run: engine === before ? {} : runFields(run.plans, before, rows.stored, now),
      jobs: [...rows.jobs, ...jobs],
      steps,
      annotations,
      summaries,
      outbox: outboxOf(run, was, status),
    };
    if (!(await this.#store.runs.apply(change))) return undefined;
    this.#startsDone(run.id, noted);
    const after: OpenRun = { ...run, stored: rows.stored, version: run.version + 1 };
    this.remember(after);
    this.#afterCommit(
      after,
      effects,
      rows.cancelled,
      change,
      status === was && engine.attempt === before.attempt ? undefined : status,
    );
    return { before, after };
  }

  #startsDone(runId: string, done: readonly EngineInput[]): void {
    const left = (this.#starts.get(runId) ?? []).filter((input) => !done.includes(input));
    if (left.length === 0) this.#starts.delete(runId);
    else this.#starts.set(runId, left);
  }

  /** Does what a committed change calls for; the same for a run that was just made. */
  announce(run: OpenRun, effects: readonly Effect[], change: Pick<RunChange, "jobs" | "steps" | "outbox">): void {
    this.#afterCommit(run, effects, [], change, overall(run.stored));
  }

  #afterCommit(
    run: OpenRun,
    effects: readonly Effect[],
    cancelled: readonly string[],
    change: Pick<RunChange, "jobs" | "steps" | "outbox">,
    status: LiveEventStatus | undefined,
  ): void {
    const listener = this.#listener;
    const queued = effects.filter((effect) => effect.type === "job.queued");
    if (queued.length > 0) listener.queued(queued.map((effect) => effect.labels));
    if (cancelled.length > 0) listener.cancelled(cancelled);
    const groups = effects.filter((effect) => effect.type === "group.enter" || effect.type === "group.leave");
    if (groups.length > 0) listener.groups(run, groups);
    if (change.outbox.length > 0) listener.outbox();
    if (change.jobs.some((job) => job.status === "queued" && !queued.some((effect) => effect.key === job.key)))
      listener.queued([[]]);
    if (status !== undefined) listener.publish({ type: "run", run: run.id, repository: run.repository, status });
    for (const job of change.jobs)
      if (job.status !== undefined) listener.publish({ type: "job", run: run.id, job: job.id, status: job.status });
    for (const step of change.steps)
      if (step.status !== undefined)
        listener.publish({ type: "step", run: run.id, job: step.jobId, step: step.index, status: step.status });
  }
}

type LiveEventStatus = Extract<LiveEvent, { type: "run" }>["status"];

/** Messages that a change of the run's state leaves. */
function outboxOf(run: OpenRun, was: LiveEventStatus, status: LiveEventStatus): RunChange["outbox"] {
  if (was === status) return [];
  const body = { run: run.id, repository: run.repository, number: run.number, status };
  if (status === "running") return [{ topic: "run.started", body }];
  return isTerminal(status) ? [{ topic: "run.finished", body }] : [];
}
