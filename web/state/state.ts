import type { Job, Run, Step } from "../api/types.ts";

/** Every state that the page shows; `allowed` is a step that failed where its failure does not count. */
export type State = Run["status"] | Job["status"] | Step["status"] | "allowed";

/** A colour of the theme: `var(--color-<tone>)`. */
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

/** True when the state cannot change any more (but by a re-run, which is a new attempt). */
export function isOver(state: State): boolean {
  return ended.has(state);
}

/** How a step is shown: its failure may not count. */
export function stepState(step: Step): State {
  return step.status === "failure" && step.allowed ? "allowed" : step.status;
}

/** How a job is shown: its failure may not count either. */
export function jobState(job: Pick<Job, "status" | "allowed">): State {
  return job.status === "failure" && job.allowed ? "allowed" : job.status;
}

/** The order in which states win when several become one, as for the cells of a matrix. */
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

/** Where a state stands when rows are sorted by it: what moves first, then the worst. */
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

/** The one state that stands for several jobs: what still moves first, then the worst. */
export function together(states: readonly State[]): State {
  return weight.find((state) => states.includes(state)) ?? "waiting";
}
