import type { Effect, JobState, RunState } from "../../engine/index.ts";
import { isTerminal, type Plan, plannedSteps } from "../../model/index.ts";
import type { JobChange, JobDetail, RunChange, StatePart } from "../../store/index.ts";
import { headCodec, jobCodec, type StoredRun } from "./state.ts";

/** The rows that a transition writes. */
export interface RowChanges {
  readonly stored: StoredRun;
  readonly state: Pick<Required<RunChange>, "state" | "parts" | "dropped">;
  readonly jobs: readonly JobChange[];
  /** Jobs to stop, by row. */
  readonly cancelled: readonly string[];
  /** Jobs that left their runner, by row. */
  readonly left: readonly string[];
}

export interface RowContext {
  readonly runId: string;
  readonly plans: readonly Plan[];
  readonly now: number;
  readonly makeId: () => string;
  /** Jobs whose runner died, with the reason. */
  readonly lost: ReadonlyMap<string, string>;
}

type Before = Partial<StoredRun> & Pick<StoredRun, "broken">;

/** Turns the difference between two states into changes of job rows. A row is one attempt of one job. */
export function changeRows(
  context: RowContext,
  before: Before,
  after: RunState,
  effects: readonly Effect[],
): RowChanges {
  const writer = new RowWriter(context, before, after, effects);
  for (const [place, job] of after.jobs.entries()) writer.write(job, place);
  return writer.finish();
}

class RowWriter {
  readonly #context: RowContext;
  readonly #before: Before;
  readonly #after: RunState;
  readonly #known: ReadonlyMap<string, JobState>;
  readonly #keys: ReadonlySet<string>;
  readonly #queued: ReadonlyMap<string, Extract<Effect, { type: "job.queued" }>>;
  readonly #stopping: ReadonlySet<string>;
  /** Rows of replaced entries (a matrix whose cells became known, or that is expanded again), by job. */
  readonly #free = new Map<string, string[]>();
  readonly #rows: Record<string, string> = {};
  readonly #jobs: JobChange[] = [];
  readonly #parts: StatePart[] = [];
  readonly #cancelled: string[] = [];
  readonly #left: string[] = [];

  constructor(context: RowContext, before: Before, after: RunState, effects: readonly Effect[]) {
    this.#context = context;
    this.#before = before;
    this.#after = after;
    this.#known = new Map(before.engine?.jobs.map((job) => [job.key, job]));
    this.#keys = new Set(after.jobs.map((job) => job.key));
    this.#queued = new Map(
      effects.filter((effect) => effect.type === "job.queued").map((effect) => [effect.key, effect]),
    );
    this.#stopping = new Set(effects.filter((effect) => effect.type === "job.cancel").map((effect) => effect.key));
    for (const job of this.#known.values()) this.#release(job);
  }

  /** The row of a removed entry: free for its replacements, or history if it has ended. */
  #release(job: JobState): void {
    const row = this.#before.rows?.[job.key];
    if (row === undefined || this.#keys.has(job.key)) return;
    if (isTerminal(job.status)) this.#retire(row);
    else this.#free.set(cellsOf(job), [...(this.#free.get(cellsOf(job)) ?? []), row]);
  }

  /** The row stays as an earlier attempt. */
  #retire(id: string, more: Partial<JobChange> = {}): void {
    this.#jobs.push({ ...more, id, runId: this.#context.runId, newest: false });
  }

  write(job: JobState, place: number): void {
    const was = this.#known.get(job.key);
    const old = this.#before.rows?.[job.key];
    // The engine returns the same object for what it did not touch.
    if (was === job && old !== undefined) {
      this.#rows[job.key] = old;
      return;
    }
    const id = this.#rowOf(job, was, old);
    this.#rows[job.key] = id;
    const { plans, runId, now } = this.#context;
    const order = position(plans, job, place);
    this.#parts.push({ key: job.key, place: order, value: jobCodec.encode({ job, row: id }) });
    if (this.#stopping.has(job.key)) this.#cancelled.push(id);
    this.#jobs.push({
      id,
      runId,
      ...columns(job, id === old ? was : undefined, now),
      ...(id === old ? {} : this.#fixed(job, order)),
      ...this.#queuedColumns(job, id === old ? was : undefined),
      ...(this.#stopping.has(job.key) ? { cancelRequested: true } : {}),
    });
  }

  /** The row for the entry's attempt: its own, a free one, or a new one. */
  #rowOf(job: JobState, was: JobState | undefined, old: string | undefined): string {
    const { lost, makeId, now } = this.#context;
    const again = was !== undefined && was.attempt !== job.attempt;
    if (old !== undefined && was?.status === "running" && (again || isTerminal(job.status))) this.#left.push(old);
    if (old !== undefined && was !== undefined && !again) return old;
    const reason = again ? lost.get(job.key) : undefined;
    // An entry that had not started only changes its number.
    if (old !== undefined && was !== undefined && !isTerminal(was.status) && reason === undefined) return old;
    if (old !== undefined) this.#retire(old, reason === undefined ? {} : { status: "lost", reason, finishedAt: now });
    return this.#free.get(cellsOf(job))?.shift() ?? makeId();
  }

  /** Columns that are set once per row. */
  #fixed(job: JobState, order: number): Partial<JobChange> {
    const plan = this.#context.plans.find((each) => each.workflow === job.workflow);
    const steps = plan?.jobs.find((each) => each.id === job.job)?.steps ?? [];
    return {
      job: job.job,
      workflow: job.workflow,
      needs: job.needs,
      position: order,
      newest: true,
      planned: plannedSteps(steps),
    };
  }

  /** A job that is queued again because nobody began it keeps its place in the queue. */
  #queuedColumns(job: JobState, was: JobState | undefined): Partial<JobChange> {
    const effect = this.#queued.get(job.key);
    if (effect === undefined) return {};
    const detail: JobDetail = { contexts: effect.contexts, timeoutMinutes: effect.timeoutMinutes };
    return was?.status === "running"
      ? { detail, runnerId: null, begunAt: null, startedAt: null, cancelRequested: false }
      : { detail, queuedAt: this.#context.now };
  }

  finish(): RowChanges {
    for (const id of [...this.#free.values()].flat())
      this.#retire(id, { status: "cancelled", reason: "started again", finishedAt: this.#context.now });
    const { jobs: _inParts, ...engine } = this.#after;
    const { broken } = this.#before;
    const state = headCodec.encode({ engine, broken });
    const dropped = [...this.#known.keys()].filter((key) => !this.#keys.has(key));
    return {
      stored: { engine: this.#after, rows: this.#rows, broken },
      state: { state, parts: this.#parts, dropped },
      jobs: this.#jobs,
      cancelled: this.#cancelled,
      left: this.#left,
    };
  }
}

/** What the cells of one job's matrix share. */
function cellsOf(job: JobState): string {
  return `${job.workflow}\n${job.job}`;
}

/** The changed columns; a status only if it is new, with its time. */
function columns(job: JobState, was: JobState | undefined, now: number): Partial<JobChange> {
  const { key, name, attempt, labels, outputs, allowed } = job;
  return {
    key,
    name,
    attempt,
    labels,
    outputs,
    allowed,
    ...(was?.status === job.status ? {} : { status: job.status }),
    wait: job.wait ?? null,
    ...(job.reason === undefined ? {} : { reason: job.reason }),
    ...(isTerminal(job.status) && was?.status !== job.status ? { finishedAt: now } : {}),
  };
}

/** Jobs are ordered by their plans, with the cells of one in sequence; the order is stable when others get cells. */
function position(plans: readonly Plan[], job: JobState, place: number): number {
  let before = 0;
  for (const plan of plans) {
    const index = plan.workflow === job.workflow ? plan.jobs.findIndex((each) => each.id === job.job) : -1;
    if (index >= 0) return (before + index) * 1000 + (job.settings?.index ?? 0);
    before += plan.jobs.length;
  }
  return place * 1000;
}
