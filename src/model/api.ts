import * as z from "zod";
import { annotationSchema } from "./assignment.ts";
import { dialects } from "./plan.ts";
import { jobStatus, runStatus, stepStatus } from "./state-schema.ts";
import { waitSchema } from "./wait.ts";

/*
 * The responses of the HTTP API. The OpenAPI document and the clients of the CLI and the page are generated from these.
 * Every time is an ISO 8601 string in UTC.
 */

const time = z.iso.datetime();

export const repositorySchema = z
  .object({
    id: z.string(),
    name: z.string(),
    /** The forge that it lives on: `git` for the server's own. */
    forge: z.string(),
    defaultBranch: z.string(),
    /** URL to push to and clone from. */
    cloneUrl: z.string(),
    createdAt: time,
    /** The newest run's state, if there is one. */
    lastRun: z
      .object({ id: z.string(), number: z.number(), title: z.string(), status: runStatus, createdAt: time })
      .optional(),
  })
  .meta({ id: "Repository" });

export const workflowSummarySchema = z.object({
  workflow: z.string(),
  name: z.string(),
  /** Name of this run of an Actions workflow: its `run-name`, or the event's title. */
  runName: z.string().optional(),
  /** Its file, relative to the repository's root. Missing in runs of older versions. */
  path: z.string().optional(),
  dialect: z.enum(dialects),
  status: runStatus,
});

export const runSchema = z
  .object({
    id: z.string(),
    repository: z.string(),
    /** Counts from 1 in each repository. */
    number: z.number().int(),
    attempt: z.number().int(),
    /** First line of the commit message, or the pull request's title. */
    title: z.string(),
    event: z.string(),
    ref: z.string(),
    sha: z.string(),
    author: z.string(),
    /** The person who pushed, or started it by hand. */
    sender: z.string(),
    status: runStatus,
    /** Grows with every change of the run. A live event with a smaller version is part of this response already. */
    version: z.number().int(),
    /** What it waits for, if it waits. */
    waitsFor: z.string().optional(),
    /** The same as data. */
    wait: waitSchema.optional(),
    createdAt: time,
    startedAt: time.optional(),
    finishedAt: time.optional(),
    workflows: z.array(workflowSummarySchema),
    /** Why the run cannot be opened: something stored for it is damaged. Texts of the event are empty then. */
    problem: z.object({ code: z.string(), message: z.string(), help: z.string() }).optional(),
  })
  .meta({ id: "Run" });

export const stepSchema = z
  .object({
    index: z.number().int(),
    id: z.string(),
    name: z.string(),
    status: stepStatus,
    allowed: z.boolean(),
    /** Indexes of the steps that must finish first, if the steps of the job form a graph. */
    needs: z.array(z.number().int()).optional(),
    exitCode: z.number().int().optional(),
    reason: z.string().optional(),
    startedAt: time.optional(),
    finishedAt: time.optional(),
    /** Lines and bytes of the log so far. */
    lines: z.number().int(),
    bytes: z.number().int(),
  })
  .meta({ id: "Step" });

export const jobSchema = z
  .object({
    /** One attempt of one job. */
    id: z.string(),
    /** Stable across the attempts of a run. */
    key: z.string(),
    /** The plan's job id, shared by the cells of a matrix. */
    job: z.string(),
    workflow: z.string(),
    name: z.string(),
    attempt: z.number().int(),
    status: jobStatus,
    /** It failed, but the failure does not count. */
    allowed: z.boolean(),
    /** What it waits for, if it waits: jobs, a runner with labels, a group, a matrix slot. */
    waitsFor: z.string().optional(),
    /** The same as data. */
    wait: waitSchema.optional(),
    reason: z.string().optional(),
    /** Plan ids of the jobs that must finish first. */
    needs: z.array(z.string()),
    runner: z.string().optional(),
    queuedAt: time.optional(),
    startedAt: time.optional(),
    finishedAt: time.optional(),
    outputs: z.record(z.string(), z.string()),
    steps: z.array(stepSchema),
  })
  .meta({ id: "Job" });

export const artifactSchema = z
  .object({
    id: z.string(),
    job: z.string(),
    name: z.string(),
    bytes: z.number().int(),
    createdAt: time,
    expiresAt: time,
  })
  .meta({ id: "Artifact" });

export const runDetailSchema = runSchema
  .extend({
    /** The newest attempt of each job. */
    jobs: z.array(jobSchema),
    /** Earlier attempts, newest first. */
    earlier: z.array(jobSchema),
    annotations: z.array(annotationSchema.extend({ job: z.string(), step: z.number().int() })),
    summaries: z.array(z.object({ job: z.string(), step: z.number().int(), markdown: z.string() })),
    /** Whether entries are left out: a response contains only the newest ones that fit. */
    leftOut: z.object({ annotations: z.boolean(), summaries: z.boolean() }),
    artifacts: z.array(artifactSchema),
    /** Workflow files that could not be compiled. */
    diagnostics: z.array(
      z.object({
        file: z.string(),
        line: z.number(),
        column: z.number(),
        severity: z.enum(["error", "warning"]),
        code: z.string(),
        message: z.string(),
        help: z.string(),
      }),
    ),
  })
  .meta({ id: "RunDetail" });

export const logPageSchema = z
  .object({
    /** Number of the first line, from 1. */
    first: z.number().int(),
    /**
     * Raw lines, including ANSI sequences and workflow commands, without line ends. A line over 64 KiB is cut and
     * marked.
     */
    lines: z.array(z.string()),
    /** When each line arrived, in milliseconds since 1970 (as precise as its chunk). */
    times: z.array(z.number()),
    /** Of the whole log so far. */
    total: z.number().int(),
    bytes: z.number().int(),
    /** The log is complete. */
    closed: z.boolean(),
  })
  .meta({ id: "LogPage" });

export const logSearchSchema = z
  .object({
    matches: z.array(z.object({ line: z.number().int(), text: z.string() })),
    /** There are more than the limit. */
    more: z.boolean(),
  })
  .meta({ id: "LogSearch" });

export const logErrorsSchema = z
  .object({
    /** The line to start reading at; null if no line reports a failure. */
    first: z.number().int().nullable(),
    lines: z.array(z.number().int()),
    /** There are more than the limit. */
    more: z.boolean(),
  })
  .meta({ id: "LogErrors" });

export const runnerSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    labels: z.array(z.string()),
    capacity: z.number().int(),
    /** Jobs it is running. */
    busy: z.number().int(),
    online: z.boolean(),
    lastSeenAt: time,
  })
  .meta({ id: "Runner" });

/** A problem that affects the whole server. */
export const noticeSchema = z
  .object({
    code: z.string(),
    message: z.string(),
    since: time,
    /** How to fix it. */
    help: z.string(),
  })
  .meta({ id: "Notice" });

export const scheduleSchema = z
  .object({
    id: z.string(),
    /** The repository's name. */
    repository: z.string(),
    /** The default branch: only its schedules run. */
    branch: z.string(),
    cron: z.string(),
    timeZone: z.string(),
    /** The workflows with this line: they start together, in one run. */
    workflows: z.array(
      z.object({ file: z.string(), name: z.string(), line: z.number().int(), column: z.number().int() }),
    ),
    nextAt: time,
    /** The last due time that was handled. */
    lastDueAt: time.optional(),
    lastRun: z.object({ id: z.string(), number: z.number().int(), status: runStatus }).optional(),
    /** Why the last due time started nothing, if so. */
    note: z.string().optional(),
  })
  .meta({ id: "Schedule" });

/** Why a schedule of a repository is unknown or never runs. */
export const scheduleProblemSchema = z
  .object({
    repository: z.string(),
    file: z.string(),
    line: z.number().int(),
    column: z.number().int(),
    code: z.string(),
    message: z.string(),
    help: z.string(),
  })
  .meta({ id: "ScheduleProblem" });

export const schedulesSchema = z
  .object({ schedules: z.array(scheduleSchema), problems: z.array(scheduleProblemSchema) })
  .meta({ id: "Schedules" });

/** Who did what, when. */
const auditEntrySchema = z
  .object({
    id: z.string(),
    at: time,
    /** The name of the token; `local` for the command line on the server's machine, `sluice` for the server itself. */
    actor: z.string(),
    /** What was done, such as `run.cancel`. */
    action: z.string(),
    /** What it was done to: a repository, a run (`shop#12`), or a token. */
    subject: z.string(),
    detail: z.unknown(),
  })
  .meta({ id: "AuditEntry" });

export const auditPageSchema = z
  .object({
    entries: z.array(auditEntrySchema),
    /** `before` of the next page, if there is one. */
    next: z.string().optional(),
  })
  .meta({ id: "AuditPage" });

export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    code: z.string(),
    help: z.string(),
    /** The request's id, to find it in the server's log. */
    instance: z.string(),
  })
  .meta({ id: "Problem" });

/** What all events about one run have. */
const ofRun = {
  run: z.string(),
  /** The run's version with this change. */
  version: z.number().int(),
};

/** The parts of a step's view that changed. Text is cut at 500 characters. */
const stepEventSchema = z.object({
  type: z.literal("step"),
  ...ofRun,
  job: z.string(),
  /** Its index. */
  step: z.number().int(),
  ...stepSchema.omit({ index: true, needs: true }).partial().shape,
});

/**
 * The parts of a job's view that changed; null for one that it has no longer. What it waits for depends on others, and
 * is not part of it.
 */
const jobEventSchema = z.object({
  type: z.literal("job"),
  ...ofRun,
  job: z.string(),
  ...jobSchema
    .pick({ name: true, attempt: true, status: true, allowed: true, queuedAt: true, finishedAt: true })
    .partial().shape,
  reason: z.string().nullable().optional(),
  startedAt: time.nullable().optional(),
  /** False if another attempt took its place. */
  newest: z.boolean().optional(),
});

const runEventSchema = z.object({
  type: z.literal("run"),
  ...ofRun,
  repository: z.string(),
  ...runSchema.pick({ status: true, attempt: true }).shape,
  ...runSchema.pick({ startedAt: true, finishedAt: true }).partial().shape,
  workflows: z.array(workflowSummarySchema.pick({ workflow: true, status: true })),
});

/**
 * One message of `/api/v1/events`: what changed. The `id` of the SSE message lets a reader resume. Apply the events of a
 * run in order; skip those with a version below that of the response you have. Refetch a run when an event names a job
 * that you do not know.
 */
export const liveEventSchema = z
  .discriminatedUnion("type", [
    runEventSchema,
    jobEventSchema,
    stepEventSchema,
    z.object({
      type: z.literal("log"),
      run: z.string(),
      job: z.string(),
      step: z.number().int(),
      lines: z.number().int(),
      bytes: z.number().int(),
    }),
    /** The run has new annotations, summaries or artifacts. */
    z.object({ type: z.literal("results"), run: z.string() }),
    z.object({ type: z.literal("runner"), runner: z.string() }),
    z.object({ type: z.literal("repository"), repository: z.string() }),
    /** The server's notices have changed. */
    z.object({ type: z.literal("notice") }),
    z.object({ type: z.literal("schedule"), repository: z.string() }),
    /** Messages may have been lost: refetch everything. */
    z.object({ type: z.literal("resync") }),
  ])
  .meta({ id: "LiveEvent" });

export type Repository = z.infer<typeof repositorySchema>;
export type Run = z.infer<typeof runSchema>;
export type RunDetail = z.infer<typeof runDetailSchema>;
export type Job = z.infer<typeof jobSchema>;
export type Step = z.infer<typeof stepSchema>;
export type LogPage = z.infer<typeof logPageSchema>;
export type AuditPage = z.infer<typeof auditPageSchema>;
export type Notice = z.infer<typeof noticeSchema>;
export type RunnerView = z.infer<typeof runnerSchema>;
export type Schedule = z.infer<typeof scheduleSchema>;
export type Schedules = z.infer<typeof schedulesSchema>;
export type ScheduleProblem = z.infer<typeof scheduleProblemSchema>;
export type LiveEvent = z.infer<typeof liveEventSchema>;
export type Problem = z.infer<typeof problemSchema>;
