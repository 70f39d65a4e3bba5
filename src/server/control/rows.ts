import type { Effect, JobState, RunState } from "../../engine/index.ts";
import { isTerminal, type Json, type Plan, type RunStatus } from "../../model/index.ts";
import type { JobRow, RunChange, StatePart, WorkflowRow } from "../../store/index.ts";

/** What is stored as the state of a run. */
export interface StoredRun {
  readonly engine: RunState;
  /** Row of the newest attempt of each job, by its key. */
  readonly rows: Readonly<Record<string, string>>;
  /** Workflow files that could not be compiled: they show as failed workflows, and the run fails with them. */
  readonly broken: readonly WorkflowRow[];
}

type JobChange = RunChange["jobs"][number];

/** What is stored of one job's state, by itself. */
interface StoredJob {
  readonly job: JobState;
  readonly row: string;
}

/** What is stored of a run's state beside its jobs. */
interface StoredHead {
  readonly engine: Omit<RunState, "jobs">;
  readonly broken: readonly WorkflowRow[];
}

/** Puts a state together from what the store has of it. Nobody but `changeRows` wrote it. */
export function storedRun(head: Json, parts: readonly Json[]): StoredRun {
  const { engine, broken } = head as unknown as StoredHead;
  const jobs = parts as unknown as readonly StoredJob[];
  return {
    engine: { ...engine, jobs: jobs.map((part) => part.job) },
    rows: Object.fromEntries(jobs.map((part) => [part.job.key, part.row])),
    broken,
  };
}

/** The rows that a transition writes. */
export interface RowChanges {
  readonly stored: StoredRun;
  readonly state: Pick<Required<RunChange>, "state" | "parts" | "dropped">;
  readonly jobs: readonly JobChange[];
  /** Jobs that shall stop, by row. */
  readonly cancelled: readonly string[];
}

interface Context {
  readonly runId: string;
  readonly plans: readonly Plan[];
  readonly now: number;
  readonly makeId: () => string;
  /** Jobs whose runner died, with the reason. */
  readonly lost: ReadonlyMap<string, string>;
}

/** Turns the difference between two states into changes of job rows. A row is one attempt of one job. */
export function changeRows(
  context: Context,
  before: Partial<StoredRun> & Pick<StoredRun, "broken">,
  after: RunState,
  effects: readonly Effect[],
): RowChanges {
  const { runId, now } = context;
  const known = new Map(before.engine?.jobs.map((job) => [job.key, job]));
  const queued = new Map(
    effects.filter((effect) => effect.type === "job.queued").map((effect) => [effect.key, effect]),
  );
  const stopping = new Set(effects.filter((effect) => effect.type === "job.cancel").map((effect) => effect.key));
  const keys = new Set(after.jobs.map((job) => job.key));
  // Entries that gave way to others (a matrix whose cells became known, or that is expanded anew) pass their rows on.
  const free = new Map<string, string[]>();
  for (const job of known.values()) {
    const row = before.rows?.[job.key];
    if (!keys.has(job.key) && !isTerminal(job.status) && row !== undefined)
      free.set(familyOf(job), [...(free.get(familyOf(job)) ?? []), row]);
  }
  const rows: Record<string, string> = {};
  const jobs: JobChange[] = [];
  const parts: StatePart[] = [];
  const cancelled: string[] = [];
  for (const [place, job] of after.jobs.entries()) {
    const was = known.get(job.key);
    const old = before.rows?.[job.key];
    // The engine leaves what it did not touch as it was: the very same object.
    if (was === job && old !== undefined) {
      rows[job.key] = old;
      continue;
    }
    // One that is lost and tried again: its attempt ends here. One that had not started yet only changes its number.
    const lost = was === undefined || was.attempt === job.attempt ? undefined : context.lost.get(job.key);
    if (lost !== undefined && old !== undefined)
      jobs.push({ id: old, runId, status: "lost", reason: lost, finishedAt: now });
    const keeps =
      old !== undefined &&
      was !== undefined &&
      (was.attempt === job.attempt || (!isTerminal(was.status) && lost === undefined));
    const id = keeps ? old : (free.get(familyOf(job))?.shift() ?? context.makeId());
    rows[job.key] = id;
    const order = position(context.plans, job, place);
    parts.push({ key: job.key, place: order, value: { job, row: id } satisfies StoredJob as unknown as Json });
    const effect = queued.get(job.key);
    const detail =
      effect === undefined
        ? {}
        : {
            detail: { contexts: effect.contexts, timeoutMinutes: effect.timeoutMinutes } satisfies Json,
            queuedAt: now,
          };
    if (stopping.has(job.key)) cancelled.push(id);
    jobs.push({
      id,
      runId,
      ...fields(context, job, order, keeps ? was : undefined),
      ...detail,
      ...(stopping.has(job.key) ? { cancelRequested: true } : {}),
    });
  }
  for (const id of [...free.values()].flat())
    jobs.push({ id, runId, status: "cancelled", reason: "started again", finishedAt: now });
  const { jobs: _inParts, ...engine } = after;
  const state = { engine, broken: before.broken } satisfies StoredHead as unknown as Json;
  const dropped = [...known.keys()].filter((key) => !keys.has(key));
  return { stored: { engine: after, rows, broken: before.broken }, state: { state, parts, dropped }, jobs, cancelled };
}

function familyOf(job: JobState): string {
  return `${job.workflow}\n${job.job}`;
}

/** The columns of a job; of one that has its row already only what differs. A status is written only when it changes: a runner may have taken the job meanwhile. */
function fields(context: Context, job: JobState, position: number, was: JobState | undefined): Partial<JobRow> {
  const ended = isTerminal(job.status) && was?.status !== job.status ? { finishedAt: context.now } : {};
  const started = job.status === "running" && was?.status !== "running" ? { startedAt: context.now } : {};
  const texts = {
    ...(job.waitsFor === undefined ? {} : { waitsFor: job.waitsFor }),
    ...(job.reason === undefined ? {} : { reason: job.reason }),
  };
  const status = was?.status === job.status ? {} : { status: job.status };
  const changing = { key: job.key, name: job.name, attempt: job.attempt, labels: job.labels, outputs: job.outputs };
  const fixed = was === undefined ? { job: job.job, workflow: job.workflow, needs: job.needs, position } : {};
  return { ...changing, ...fixed, ...status, ...texts, ...started, ...ended };
}

/** Jobs stand in the order of the plans, the cells of one behind each other; it stays the same when others get cells. */
function position(plans: readonly Plan[], job: JobState, place: number): number {
  let families = 0;
  for (const plan of plans) {
    const index = plan.workflow === job.workflow ? plan.jobs.findIndex((each) => each.id === job.job) : -1;
    if (index >= 0) return (families + index) * 1000 + (job.settings?.index ?? 0);
    families += plan.jobs.length;
  }
  return place * 1000;
}

/** The columns of the run itself. */
export function runFields(
  plans: readonly Plan[],
  before: RunState | undefined,
  stored: StoredRun,
  now: number,
): RunChange["run"] {
  const { engine, broken } = stored;
  const workflows = engine.workflows.map((state): WorkflowRow => {
    const plan = plans.find((each) => each.workflow === state.workflow);
    const { name = state.workflow, runName, source, dialect = "actions" } = plan ?? {};
    return {
      workflow: state.workflow,
      name,
      ...(runName === undefined ? {} : { runName }),
      ...(source && { path: source.path }),
      dialect,
      status: state.status,
    };
  });
  const status = overall(stored);
  return {
    status,
    attempt: engine.attempt,
    workflows: [...workflows, ...broken],
    waitsFor: waitsFor(engine, status) ?? null,
    // A run that is started again begins anew: its time is that of the newest attempt.
    ...(started(engine) && (before === undefined || !started(before) || before.attempt !== engine.attempt)
      ? { startedAt: now }
      : {}),
    ...(isTerminal(status) ? { finishedAt: now } : {}),
  };
}

/** The run's state: broken files make a failure of it, once everything else has ended. */
export function overall({ engine, broken }: StoredRun): RunStatus {
  return broken.length > 0 && isTerminal(engine.status) ? "failure" : engine.status;
}

function started(state: RunState): boolean {
  return (
    state.attempt > 1 ||
    state.jobs.some((job) => job.status === "running" || (isTerminal(job.status) && job.status !== "skipped"))
  );
}

function waitsFor(state: RunState, status: RunStatus): string | undefined {
  if (status !== "pending" && status !== "blocked") return undefined;
  return (
    state.workflows.find((each) => each.waitsFor !== undefined)?.waitsFor ??
    state.jobs.find((each) => each.waitsFor !== undefined)?.waitsFor
  );
}
