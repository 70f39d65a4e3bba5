import { type LiveEvent, shortened } from "../../model/index.ts";
import type { JobChange, RunChange } from "../../store/index.ts";
import { looksSame, overall } from "./columns.ts";
import type { OpenRun, StoredRun } from "./state.ts";

/*
 * What people are told of a committed change: all that the page shows of it, so that it asks nothing. Kept small: no
 * outputs, no plans. Pure.
 */

type EventOf<T extends LiveEvent["type"]> = Extract<LiveEvent, { type: T }>;

/** Characters of a name or reason; the page has the whole text once it asks. */
const textLimit = 500;

/** The events of one change, the run's first. `run` is the run after it. */
export function liveEvents(
  run: OpenRun,
  before: StoredRun | undefined,
  change: Pick<RunChange, "run" | "jobs" | "steps" | "annotations" | "summaries">,
): readonly LiveEvent[] {
  const { annotations, summaries } = change;
  return [
    ...(before !== undefined && looksSame(before, run.stored) ? [] : [runEvent(run, change.run)]),
    ...change.jobs.filter(isSeen).map((job) => jobEvent(run, job)),
    ...change.steps.map((step) => stepEvent(run, step)),
    ...(annotations.length + summaries.length > 0 ? [{ type: "results", run: run.id } as const] : []),
  ];
}

function runEvent(
  { id, version, repository, stored }: OpenRun,
  { startedAt, finishedAt }: RunChange["run"],
): EventOf<"run"> {
  const { attempt, workflows } = stored.engine;
  return {
    type: "run",
    run: id,
    version,
    repository,
    status: overall(stored),
    attempt,
    ...(startedAt === undefined ? {} : { startedAt: iso(startedAt) }),
    ...(finishedAt === undefined ? {} : { finishedAt: iso(finishedAt) }),
    workflows: workflows.map(({ workflow, status }) => ({ workflow, status })),
  };
}

/** A report that goes on and a lease change columns that nobody sees. */
function isSeen({ key, startedAt, newest }: JobChange): boolean {
  return key !== undefined || startedAt !== undefined || newest !== undefined;
}

function jobEvent({ id: run, version }: OpenRun, job: JobChange): EventOf<"job"> {
  const { id, name, attempt, status, allowed, queuedAt, startedAt, finishedAt, reason, newest } = job;
  return {
    type: "job",
    run,
    version,
    job: id,
    ...(name === undefined ? {} : { name: shortened(name, textLimit) }),
    ...(attempt === undefined ? {} : { attempt }),
    ...(status === undefined ? {} : { status }),
    ...(allowed === undefined ? {} : { allowed }),
    ...(queuedAt === undefined ? {} : { queuedAt: iso(queuedAt) }),
    ...(startedAt === undefined ? {} : { startedAt: startedAt === null ? null : iso(startedAt) }),
    ...(finishedAt === undefined ? {} : { finishedAt: iso(finishedAt) }),
    ...(reason === undefined ? {} : { reason: reason === null ? null : shortened(reason, textLimit) }),
    ...(newest === undefined ? {} : { newest }),
  };
}

function stepEvent({ id: run, version }: OpenRun, step: RunChange["steps"][number]): EventOf<"step"> {
  const { jobId, index, id, name, status, allowed, exitCode, reason, startedAt, finishedAt, log } = step;
  return {
    type: "step",
    run,
    version,
    job: jobId,
    step: index,
    ...(id === undefined ? {} : { id: shortened(id, textLimit) }),
    ...(name === undefined ? {} : { name: shortened(name, textLimit) }),
    ...(status === undefined ? {} : { status }),
    ...(allowed === undefined ? {} : { allowed }),
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(reason === undefined ? {} : { reason: shortened(reason, textLimit) }),
    ...(startedAt === undefined ? {} : { startedAt: iso(startedAt) }),
    ...(finishedAt === undefined ? {} : { finishedAt: iso(finishedAt) }),
    ...(log === undefined ? {} : log),
  };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
