import * as z from "zod";
import type { Json } from "./json.ts";
import type { JobPlan, Plan } from "./plan.ts";
import { stepStatus } from "./state-schema.ts";

/** Identifies one attempt of one job held by one runner. Every request about the job carries it. */
export const leaseSchema = z.object({
  /** The job's row: one attempt of one job of one run. */
  job: z.string(),
  /** Increases with every lease of the job; a write with an older number is refused. */
  fence: z.number().int().positive(),
});
export type Lease = z.infer<typeof leaseSchema>;

/** Where to get the commit. */
export type Source =
  | {
      readonly kind: "git";
      readonly url: string;
      readonly sha: string;
      readonly ref: string /** Password for the clone; masked. */;
      readonly token?: string;
    }
  /** A working tree on this machine (`sluice run`): checkout copies its tracked and new files. */
  | { readonly kind: "folder"; readonly path: string; readonly sha: string; readonly ref: string };

/** Everything a runner gets to run one job, as plain JSON. */
export interface Assignment {
  readonly lease: Lease;
  readonly run: { readonly id: string; readonly number: number; readonly attempt: number; readonly url?: string };
  readonly repository: string;
  /** The workflow, without its jobs. */
  readonly plan: Omit<Plan, "jobs">;
  readonly job: JobPlan;
  /** The job's key within the run (`build`, or `build (18, linux)` for a matrix cell) and its display name. */
  readonly key: string;
  readonly name: string;
  /**
   * What the engine knows and the plan does not: `needs`, `matrix`, `strategy`, and other contexts. Merged over the
   * plan's.
   */
  readonly contexts: Readonly<Record<string, Json>>;
  /** Values by name; available as `secrets`, and masked in everything that leaves the runner. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly timeoutMinutes: number;
  readonly source: Source;
}

/** Severity of a problem, as in workflow commands. */
export const annotationSchema = z.object({
  level: z.enum(["error", "warning", "notice"]),
  message: z.string(),
  title: z.string().optional(),
  file: z.string().optional(),
  line: z.number().int().optional(),
  endLine: z.number().int().optional(),
  column: z.number().int().optional(),
  endColumn: z.number().int().optional(),
});
export type Annotation = z.infer<typeof annotationSchema>;

/** The last moment of the year 9999: JSON readers do not accept later dates. */
const latest = 253_402_300_799_999;
const at = z.number().int().min(0).max(latest);

/**
 * A runner's report about a job, in order. `step` is the step's index in the job; post steps and the setup step that
 * the runner adds are reported as additional `step.added` entries. Times are milliseconds since 1970, by the runner's
 * clock.
 */
export const reportSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("step.added"), step: z.number().int(), id: z.string(), name: z.string() }),
  z.object({ type: z.literal("step.started"), step: z.number().int(), name: z.string(), at }),
  z.object({
    type: z.literal("step.finished"),
    step: z.number().int(),
    status: stepStatus,
    /** The step failed, but the failure does not count. */
    allowed: z.boolean(),
    /** Absent if no process ended: skipped, or not started. */
    exitCode: z.number().int().optional(),
    /** The reason for the result if the log does not show it: a timeout, a signal. */
    reason: z.string().optional(),
    at,
  }),
  z.object({ type: z.literal("annotation"), step: z.number().int(), annotation: annotationSchema }),
  z.object({ type: z.literal("summary"), step: z.number().int(), markdown: z.string() }),
  z.object({
    type: z.literal("job.finished"),
    status: z.enum(["success", "failure", "cancelled", "skipped"]),
    outputs: z.record(z.string(), z.string()),
    reason: z.string().optional(),
    at,
  }),
]);
export type JobReport = z.infer<typeof reportSchema>;
