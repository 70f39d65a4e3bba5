import * as z from "zod";
import { annotationSchema } from "./assignment.ts";
import { dialects } from "./plan.ts";
import { jobStatus, runStatus, stepStatus } from "./state-schema.ts";

/*
 * What the HTTP API answers with; the OpenAPI document, the CLI's client and the page's client are made from these.
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
    /** Where to push and clone. */
    cloneUrl: z.string(),
    createdAt: time,
    /** The newest run's state, when there is one. */
    lastRun: z
      .object({ id: z.string(), number: z.number(), title: z.string(), status: runStatus, createdAt: time })
      .optional(),
  })
  .meta({ id: "Repository" });

export const workflowSummarySchema = z.object({
  workflow: z.string(),
  name: z.string(),
  /** What this run of it is called, of an Actions workflow: its `run-name`, or what the event is about. */
  runName: z.string().optional(),
  /** Its file, from the repository's root. Runs of older versions do not know it. */
  path: z.string().optional(),
  dialect: z.enum(dialects),
  status: runStatus,
});

/** A place in the queue of a concurrency group. */
export const groupWaitSchema = z
  .object({
    name: z.string(),
    /** 1 is next. */
    place: z.number().int(),
    /** Runs of the same repository that must end first. */
    heldBy: z.array(z.object({ id: z.string(), number: z.number().int(), title: z.string() })),
  })
  .meta({ id: "GroupWait" });

export const runSchema = z
  .object({
    id: z.string(),
    repository: z.string(),
    /** Counts from 1 in each repository. */
    number: z.number().int(),
    attempt: z.number().int(),
    /** First line of the commit's message, or the pull request's title. */
    title: z.string(),
    event: z.string(),
    ref: z.string(),
    sha: z.string(),
    author: z.string(),
    /** The person who pushed, or started it by hand. */
    sender: z.string(),
    status: runStatus,
    /** What it waits for, when it waits. */
    waitsFor: z.string().optional(),
    /** The concurrency group that it waits for, when it does. */
    group: groupWaitSchema.optional(),
    createdAt: time,
    startedAt: time.optional(),
    finishedAt: time.optional(),
    workflows: z.array(workflowSummarySchema),
  })
  .meta({ id: "Run" });

export const stepSchema = z
  .object({
    index: z.number().int(),
    id: z.string(),
    name: z.string(),
    status: stepStatus,
    allowed: z.boolean(),
    /** Indexes of the steps that must end first, where the steps of the job form a graph. */
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
    /** The same over the attempts of a run. */
    key: z.string(),
    /** The plan's job id, shared by the cells of a matrix. */
    job: z.string(),
    workflow: z.string(),
    name: z.string(),
    attempt: z.number().int(),
    status: jobStatus,
    /** It failed, and its failure does not count. */
    allowed: z.boolean(),
    /** What it waits for, when it waits: jobs, a runner with labels, a group, a matrix slot. */
    waitsFor: z.string().optional(),
    /** The concurrency group that it, or its workflow, waits for, when it does. */
    group: groupWaitSchema.optional(),
    reason: z.string().optional(),
    /** Plan ids of the jobs that must end first. */
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
    /** Of so many that one answer cannot hold them, the newest are there: whether others are left out. */
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
    /** Raw lines, ANSI sequences and workflow commands included, without line ends. A line over 64 KiB is cut and marked. */
    lines: z.array(z.string()),
    /** When each line arrived, in milliseconds since 1970 (as exact as the chunk it came in). */
    times: z.array(z.number()),
    /** Of the whole log so far. */
    total: z.number().int(),
    bytes: z.number().int(),
    /** No more will come. */
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
    /** The line to begin reading at; null when nothing tells of a failure. */
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
    /** Jobs it has now. */
    busy: z.number().int(),
    online: z.boolean(),
    lastSeenAt: time,
  })
  .meta({ id: "Runner" });

/** Something that keeps the whole server from its work. */
export const noticeSchema = z
  .object({
    code: z.string(),
    message: z.string(),
    since: time,
    /** What to do. */
    help: z.string(),
  })
  .meta({ id: "Notice" });

export const scheduleSchema = z
  .object({
    id: z.string(),
    /** The repository's name. */
    repository: z.string(),
    /** The default branch: no other branch's schedules are due. */
    branch: z.string(),
    cron: z.string(),
    timeZone: z.string(),
    /** The workflows that have the line: they start together, in one run. */
    workflows: z.array(
      z.object({ file: z.string(), name: z.string(), line: z.number().int(), column: z.number().int() }),
    ),
    nextAt: time,
    /** The last due time that was dealt with. */
    lastDueAt: time.optional(),
    lastRun: z.object({ id: z.string(), number: z.number().int(), status: runStatus }).optional(),
    /** Why the last due time started nothing, when it did not. */
    note: z.string().optional(),
  })
  .meta({ id: "Schedule" });

/** What keeps a schedule of a repository from being known or due. */
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

/** One message of `/api/v1/events`: something changed; ask for it again. `id` of the SSE message lets a reader resume. */
export const liveEventSchema = z
  .discriminatedUnion("type", [
    z.object({ type: z.literal("run"), run: z.string(), repository: z.string(), status: runStatus }),
    z.object({ type: z.literal("job"), run: z.string(), job: z.string(), status: jobStatus }),
    z.object({ type: z.literal("step"), run: z.string(), job: z.string(), step: z.number().int(), status: stepStatus }),
    z.object({
      type: z.literal("log"),
      run: z.string(),
      job: z.string(),
      step: z.number().int(),
      lines: z.number().int(),
      bytes: z.number().int(),
    }),
    z.object({ type: z.literal("runner"), runner: z.string() }),
    z.object({ type: z.literal("repository"), repository: z.string() }),
    /** The server's notices have changed. */
    z.object({ type: z.literal("notice") }),
    z.object({ type: z.literal("schedule"), repository: z.string() }),
  ])
  .meta({ id: "LiveEvent" });

export type Repository = z.infer<typeof repositorySchema>;
export type GroupWait = z.infer<typeof groupWaitSchema>;
export type Run = z.infer<typeof runSchema>;
export type RunDetail = z.infer<typeof runDetailSchema>;
export type Job = z.infer<typeof jobSchema>;
export type Step = z.infer<typeof stepSchema>;
export type LogPage = z.infer<typeof logPageSchema>;
export type Notice = z.infer<typeof noticeSchema>;
export type RunnerView = z.infer<typeof runnerSchema>;
export type Schedule = z.infer<typeof scheduleSchema>;
export type Schedules = z.infer<typeof schedulesSchema>;
export type ScheduleProblem = z.infer<typeof scheduleProblemSchema>;
export type LiveEvent = z.infer<typeof liveEventSchema>;
export type Problem = z.infer<typeof problemSchema>;
