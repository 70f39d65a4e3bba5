/** A run, and each workflow in it. `blocked` waits for a person or a concurrency group. */
export const runStatuses = ["pending", "blocked", "running", "success", "failure", "cancelled", "skipped"] as const;
export type RunStatus = (typeof runStatuses)[number];

/** `waiting` for needs, a matrix slot or a group; `queued` for a runner; `lost` if the runner died. */
export const jobStatuses = [
  "waiting",
  "queued",
  "running",
  "success",
  "failure",
  "cancelled",
  "skipped",
  "lost",
] as const;
export type JobStatus = (typeof jobStatuses)[number];

export const stepStatuses = ["pending", "running", "success", "failure", "cancelled", "skipped"] as const;
export type StepStatus = (typeof stepStatuses)[number];

/** How a job can end on a runner. */
export type JobResult = "success" | "failure" | "cancelled" | "skipped";

const terminal: ReadonlySet<string> = new Set(["success", "failure", "cancelled", "skipped", "lost"]);

/** Whether the state is final (a re-run is a new attempt). */
export function isTerminal(status: RunStatus | JobStatus | StepStatus): boolean {
  return terminal.has(status);
}

/** The glyph of a state: the same on the page, in the CLI and in comments on forges. */
export function glyph(status: RunStatus | JobStatus | StepStatus | "allowed"): string {
  return glyphs[status];
}

const glyphs: Readonly<Record<RunStatus | JobStatus | StepStatus | "allowed", string>> = {
  pending: "◷",
  waiting: "◷",
  queued: "◷",
  blocked: "⏸",
  running: "◐",
  success: "✓",
  failure: "✕",
  lost: "✕",
  allowed: "!",
  cancelled: "⊘",
  skipped: "–",
};
