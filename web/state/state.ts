import type { Job, Run, Step } from "../api/types.ts";

/** Every state the page shows; `allowed` is a failed step whose failure does not count. */
export type State = Run["status"] | Job["status"] | Step["status"] | "allowed";

/** A theme colour: `var(--color-<tone>)`. */
export type Tone = "success" | "failure" | "allowed" | "running" | "waiting" | "blocked" | "cancelled" | "skipped";

export const tones: Readonly<Record<State, Tone>> = {
  pending: "waiting",
  waiting: "waiting",
  queued: "waiting",
  blocked: "blocked",
  running: "running",
  success: "success",
  failure: "failure",
  lost: "failure",
  allowed: "allowed",
  cancelled: "cancelled",
  skipped: "skipped",
};

const ended: ReadonlySet<State> = new Set<State>(["success", "failure", "cancelled", "skipped", "lost", "allowed"]);

/** Whether the state is final (a re-run is a new attempt). */
export function isOver(state: State): boolean {
  return ended.has(state);
}

/** The displayed state of a step: its failure may not count. */
export function stepState(step: Step): State {
  return step.status === "failure" && step.allowed ? "allowed" : step.status;
}

/** The displayed state of a job: its failure may not count either. */
export function jobState(job: Pick<Job, "status" | "allowed">): State {
  return job.status === "failure" && job.allowed ? "allowed" : job.status;
}

/** Which state wins when several are combined, as for the cells of a matrix. */
const weight: readonly State[] = [
  "running",
  "failure",
  "lost",
  "cancelled",
  "queued",
  "waiting",
  "allowed",
  "success",
  "skipped",
];

/** Rank of a state when sorting rows: active ones first, then the worst. */
export function urgency(state: State): number {
  const order: readonly State[] = [
    "running",
    "failure",
    "lost",
    "blocked",
    "queued",
    "waiting",
    "pending",
    "cancelled",
    "allowed",
    "success",
    "skipped",
  ];
  return order.indexOf(state);
}

/** One state for several jobs: active ones first, then the worst. */
export function together(states: readonly State[]): State {
  return weight.find((state) => states.includes(state)) ?? "waiting";
}
