import {
  isTerminal,
  type Job,
  type PlannedStep,
  type Run,
  type RunDetail,
  type Step,
  type StepStatus,
  type Wait,
  waitText,
} from "../../model/index.ts";
import type { ArtifactRow, JobHead, ListedRun, StepRow, Store } from "../../store/index.ts";

/* Rows as the API shows them. Pure: the caller passes in what has to be looked up. */

/** What a job's view needs besides its row. */
export interface JobSources {
  readonly steps: readonly StepRow[];
  /** Name of its runner. */
  readonly runner: string | undefined;
  /** What it waits for, complete. */
  readonly wait: Wait | undefined;
}

/** Times in the API's format. */
function iso(time: number): string {
  return new Date(time).toISOString();
}

/** `wait` is what a waiting run waits for, complete. */
export function runView(row: ListedRun, wait?: Wait): Run {
  const waits = row.status === "pending" || row.status === "blocked";
  return {
    id: row.id,
    repository: row.repository,
    number: row.number,
    attempt: row.attempt,
    title: row.title,
    ...eventFields(row),
    status: row.status,
    version: row.version,
    ...(waits && wait !== undefined ? { waitsFor: waitText(wait), wait } : {}),
    createdAt: iso(row.createdAt),
    ...(row.startedAt === undefined ? {} : { startedAt: iso(row.startedAt) }),
    // A re-run keeps the end of its earlier attempt in its row.
    ...(row.finishedAt === undefined || !isTerminal(row.status) ? {} : { finishedAt: iso(row.finishedAt) }),
    workflows: row.damage === undefined ? row.workflows.map((each) => ({ ...each })) : [],
  };
}

/** What the event says. For a damaged run that is only the commit, and the problem. */
function eventFields(row: ListedRun): Pick<Run, "event" | "ref" | "sha" | "author" | "sender" | "problem"> {
  if (row.damage !== undefined) {
    const { code, message, help } = row.damage;
    return { event: "", ref: "", sha: row.sha, author: "", sender: "", problem: { code, message, help } };
  }
  const { event } = row;
  const author = event.commit?.author ?? event.sender;
  return {
    event: event.kind,
    ref: event.ref,
    sha: event.sha,
    author: author.name ?? author.login,
    sender: event.sender.login,
  };
}

export function jobView(row: JobHead, sources: JobSources): Job {
  const waits = row.status === "waiting" || row.status === "queued";
  return {
    id: row.id,
    key: row.key,
    job: row.job,
    workflow: row.workflow,
    name: row.name,
    attempt: row.attempt,
    status: row.status,
    allowed: row.allowed,
    ...(waits && sources.wait !== undefined ? { waitsFor: waitText(sources.wait), wait: sources.wait } : {}),
    ...(row.reason === undefined || waits ? {} : { reason: row.reason }),
    needs: [...row.needs],
    ...(sources.runner === undefined ? {} : { runner: sources.runner }),
    ...(row.queuedAt === undefined ? {} : { queuedAt: iso(row.queuedAt) }),
    ...(row.startedAt === undefined ? {} : { startedAt: iso(row.startedAt) }),
    ...(row.finishedAt === undefined ? {} : { finishedAt: iso(row.finishedAt) }),
    outputs: { ...row.outputs },
    steps: stepViews(row, sources),
  };
}

/**
 * Steps in order: the reported ones, and the planned ones that are still to come or, if the job has ended, never began.
 */
function stepViews(row: JobHead, { steps }: JobSources): Step[] {
  const views: Step[] = [];
  const status = isTerminal(row.status) ? "skipped" : "pending";
  const planned = (until: number): void => {
    for (const step of row.planned.slice(views.length, until))
      views.push({ index: views.length, ...planOf(step), status, allowed: false, lines: 0, bytes: 0 });
  };
  for (const step of steps) {
    planned(step.index);
    views.push(stepView(row, step));
  }
  planned(row.planned.length);
  return views;
}

function planOf({ id, name, needs }: PlannedStep): Pick<Step, "id" | "name" | "needs"> {
  return { id, name, ...(needs === undefined ? {} : { needs: [...needs] }) };
}

/** A run may have thousands of these: no objects are made that are thrown away. */
function stepView(job: JobHead, step: StepRow): Step {
  const { index, status, allowed, log } = step;
  const planned = job.planned[index];
  // Only its start or end was reported: the plan knows the rest.
  const id = planned !== undefined && step.id === String(index) ? planned.id : step.id;
  const name = step.name === "" ? (planned?.name ?? id) : step.name;
  const view: Step = {
    index,
    id,
    name,
    status: settled(job, status),
    allowed,
    lines: log?.lines ?? 0,
    bytes: log?.bytes ?? 0,
  };
  if (planned?.needs !== undefined) view.needs = [...planned.needs];
  if (step.exitCode !== undefined) view.exitCode = step.exitCode;
  if (step.reason !== undefined) view.reason = step.reason;
  if (step.startedAt !== undefined) view.startedAt = iso(step.startedAt);
  if (step.finishedAt !== undefined) view.finishedAt = iso(step.finishedAt);
  return view;
}

/** No step of an ended job is open: its runner went away in the middle, or before it began. */
function settled(job: JobHead, status: StepStatus): StepStatus {
  if (!isTerminal(job.status) || isTerminal(status)) return status;
  return status === "pending" ? "skipped" : "cancelled";
}

type Notes = Pick<RunDetail, "annotations" | "summaries" | "leftOut">;

/** Annotations and summaries of a run. The newest summary of a step counts. */
export function notesView(
  annotations: Awaited<ReturnType<Store["runs"]["annotations"]>>,
  summaries: Awaited<ReturnType<Store["runs"]["summaries"]>>,
): Notes {
  const newest = new Map(
    summaries.rows.map((each) => [
      `${each.jobId}/${each.step}`,
      { job: each.jobId, step: each.step, markdown: each.markdown },
    ]),
  );
  return {
    annotations: annotations.rows.map(({ jobId, step, annotation }) => ({ ...annotation, job: jobId, step })),
    summaries: [...newest.values()],
    leftOut: { annotations: annotations.more, summaries: summaries.more },
  };
}

export function artifactView(row: ArtifactRow): RunDetail["artifacts"][number] {
  return {
    id: row.id,
    job: row.jobId,
    name: row.name,
    bytes: row.bytes,
    createdAt: iso(row.createdAt),
    expiresAt: iso(row.expiresAt),
  };
}
