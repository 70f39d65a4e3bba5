import * as z from "zod";
import { topic } from "./message/topic.ts";

/* Work left by commits. Bodies contain ids; the details are read when the message is delivered. */

const run = z.string();
const repository = z.string();

/** A place in a concurrency group: `<run>/<holder>`, since the engine's ids are only unique within a run. */
const member = z.string();

/**
 * An event was stored: turn it into a run. One that keeps failing delays its repository's next ones for half a minute.
 */
export const eventReceived = topic({
  name: "event.received",
  body: z.object({ event: z.string(), repository }),
  key: (body) => `events:${body.repository}`,
  retry: { first: 200, factor: 5, longest: 100_000, attempts: 8 },
  holds: 4,
});

const group = { repository, group: z.string() };
const groupKey = (body: { readonly repository: string; readonly group: string }): string =>
  `group:${body.repository}:${body.group}`;

/** A workflow or job requests a place in its concurrency group. */
export const groupEnter = topic({
  name: "group.enter",
  body: z.object({ ...group, member, limit: z.number().int().positive(), cancelInProgress: z.boolean() }),
  key: groupKey,
});

/** It releases its place, held or waiting. */
export const groupLeave = topic({ name: "group.leave", body: z.object({ ...group, member }), key: groupKey });

const toRun = (body: { readonly run: string }): string => `run:${body.run}`;

/** The group has admitted the member: its run continues. */
export const groupGranted = topic({
  name: "group.granted",
  body: z.object({ ...group, run, member }),
  key: toRun,
});

/** The member must make room for a newer one: cancel its run, workflow or job. */
export const groupYield = topic({
  name: "group.yield",
  body: z.object({ ...group, run, member }),
  key: toRun,
});

/** Steps of a job have ended, or the whole job if `steps` is null: their logs are complete. */
export const logComplete = topic({
  name: "log.complete",
  body: z.object({ run, job: z.string(), steps: z.array(z.number().int()).nullable() }),
  key: (body) => `log:${body.job}`,
});

const outcome = z.object({ run, repository, number: z.number().int(), status: z.string() });
const outcomeKey = (body: { readonly run: string }): string => `outcome:${body.run}`;

/** A run has ended: for notifications. */
export const runFinished = topic({ name: "run.finished", body: outcome, key: outcomeKey });

/** Left by the database upgrade: resumes what the server may have left undone in an open run. */
export const runResume = topic({ name: "run.resume", body: z.object({ run }), key: toRun });

/** Left by the database upgrade: stores the sizes of a run's logs. */
export const logsMeasure = topic({
  name: "logs.measure",
  body: z.object({ run }),
  key: (body) => `log-sizes:${body.run}`,
});

/** Rows that had files are gone: jobs, which may have logs, and what named blobs. */
export const filesLeft = topic({
  name: "files.left",
  body: z.object({ jobs: z.array(z.string()), blobs: z.array(z.string()) }),
});
