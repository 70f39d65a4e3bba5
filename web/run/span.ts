import type { Job, RunDetail } from "../api/types.ts";

/** A period of time, in milliseconds since 1970. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

const at = (time: string | undefined): number | undefined => (time === undefined ? undefined : Date.parse(time));

/**
 * From the first queued job of the run's newest attempt to the last that ended, or to now if one has not. At least one
 * second. Jobs that an attempt did not repeat do not count.
 */
export function spanOf({ jobs: all, createdAt }: Pick<RunDetail, "jobs" | "createdAt">, now: number): Span {
  const newest = Math.max(1, ...all.map((job) => job.attempt));
  const jobs = all.filter((job) => job.attempt === newest);
  const starts = jobs.flatMap((job) => at(job.queuedAt ?? job.startedAt) ?? []);
  const from = starts.length === 0 ? Date.parse(createdAt) : Math.min(...starts);
  const moving =
    jobs.some((job) => job.startedAt !== undefined && job.finishedAt === undefined) ||
    jobs.some((job) => job.status === "queued");
  const ends = jobs.flatMap((job) => at(job.finishedAt) ?? []);
  return { from, to: Math.max(from + 1_000, ...ends, moving ? now : 0) };
}

/**
 * A job's position on the span, as percentages: waiting for a runner from `queued` to `start`, working from `start` to
 * `end`.
 */
export interface Bar {
  readonly queued: number;
  readonly start: number;
  readonly end: number;
}

/** The position of several jobs: from the first queued and the first started to the last ended. */
export function envelope(bars: readonly (Bar | undefined)[]): Bar | undefined {
  const known = bars.filter((bar) => bar !== undefined);
  if (known.length === 0) return undefined;
  return {
    queued: Math.min(...known.map((bar) => bar.queued)),
    start: Math.min(...known.map((bar) => bar.start)),
    end: Math.max(...known.map((bar) => bar.end)),
  };
}

/** How long a job has worked, in milliseconds; undefined if it has not begun. */
export function workOf(job: Pick<Job, "startedAt" | "finishedAt">, now: number): number | undefined {
  const from = at(job.startedAt);
  return from === undefined ? undefined : (at(job.finishedAt) ?? now) - from;
}

/** Undefined for a job that was never queued or started, or that ended before the span. */
export function barOf(job: Job, span: Span): Bar | undefined {
  const queued = at(job.queuedAt) ?? at(job.startedAt);
  if (queued === undefined || (job.startedAt === undefined && job.finishedAt !== undefined)) return undefined;
  if ((at(job.finishedAt) ?? span.to) < span.from) return undefined;
  const percent = (time: number): number =>
    Math.min(100, Math.max(0, ((time - span.from) / (span.to - span.from)) * 100));
  const start = at(job.startedAt) ?? span.to;
  return { queued: percent(queued), start: percent(start), end: percent(at(job.finishedAt) ?? span.to) };
}
