import * as z from "zod";
import { exactly, jobStatus, parsedJson, runStatus, waitSchema } from "../model/index.ts";
import type { GroupState } from "./group.ts";
import type { JobState, RunState } from "./port.ts";

/*
 * Schemas of stored engine states. A run's jobs are stored one by one, so that a change of one does not rewrite the
 * others.
 */

const holder = z.object({ id: z.string(), group: z.string() }).exactOptional();

const workflow = z.object({
  workflow: z.string(),
  status: runStatus,
  stage: z.enum(["needs", "group", "open", "ended"]),
  cancelled: z.boolean(),
  holder,
  wait: waitSchema.exactOptional(),
});

/** A run's state without its jobs. */
export const runHeadSchema = exactly<Omit<RunState, "jobs">>()(
  z.object({
    version: z.literal(1),
    attempt: z.number().int().positive(),
    status: runStatus,
    cancelled: z.boolean(),
    sequence: z.number().int(),
    workflows: z.array(workflow),
  }),
);

const settings = z.object({
  index: z.number().int(),
  total: z.number().int(),
  failFast: z.boolean(),
  maxParallel: z.number(),
  timeoutMinutes: z.number(),
  continueOnError: z.boolean(),
  group: z.object({ name: z.string(), cancelInProgress: z.boolean(), limit: z.number() }).exactOptional(),
});

export const jobStateSchema = exactly<JobState>()(
  z.object({
    key: z.string(),
    workflow: z.string(),
    job: z.string(),
    name: z.string(),
    attempt: z.number().int().positive(),
    status: jobStatus,
    stage: z.enum(["needs", "slot", "group"]).exactOptional(),
    needs: z.array(z.string()),
    labels: z.array(z.string()),
    matrix: parsedJson.exactOptional(),
    settings: settings.exactOptional(),
    holder,
    outputs: z.record(z.string(), z.string()),
    allowed: z.boolean(),
    cancelling: z.boolean(),
    wait: waitSchema.exactOptional(),
    reason: z.string().exactOptional(),
    retriesLeft: z.number().int(),
    ended: z.number().int().exactOptional(),
  }),
);

const entrants = z.array(
  z.object({ holder: z.string(), limit: z.number().int().positive(), cancelInProgress: z.boolean() }),
);

export const groupStateSchema = exactly<GroupState>()(z.object({ holders: entrants, queue: entrants }));
