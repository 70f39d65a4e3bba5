import * as z from "zod";
import type { JsonObject } from "./json.ts";

/** What can start runs, from any forge. A pushed tag is a `push` whose ref starts with `refs/tags/`. */
export const eventKinds = [
  "push",
  "pull_request",
  "release",
  "issue",
  "comment",
  "schedule",
  "manual",
  "deployment",
] as const;

const person = z.object({
  id: z.string().optional(),
  login: z.string(),
  name: z.string().optional(),
  email: z.string().optional(),
});

/** The one event model. Forge adapters convert to it; dialects match triggers against it. */
export const eventSchema = z.object({
  kind: z.enum(eventKinds),
  /** For a pull request `opened`, `synchronize`, `closed` …; for other events the forge's own value. */
  action: z.string().optional(),
  repository: z.object({
    /** The forge that it lives on, and the forge's own id of it; both absent in a working tree, and in old events. */
    forge: z.string().optional(),
    remoteId: z.string().optional(),
    /** `owner/name`; just `name` for a plain git repository. */
    name: z.string(),
    defaultBranch: z.string(),
    /** URL to clone with git. */
    cloneUrl: z.string(),
    /** The web page. */
    url: z.string().optional(),
  }),
  /** Full ref: `refs/heads/main`, `refs/tags/v1`, `refs/pull/7/head`. */
  ref: z.string(),
  /** The commit to run, 40 hexadecimal characters. */
  sha: z.string(),
  /** The ref's commit before a push; all zeros if the ref is new. */
  before: z.string().optional(),
  commit: z.object({ message: z.string(), author: person, timestamp: z.string() }).optional(),
  /** Paths that the event changed; absent if unknown (path filters then match). */
  changedFiles: z.array(z.string()).optional(),
  pullRequest: z
    .object({
      number: z.number(),
      title: z.string(),
      draft: z.boolean().optional(),
      labels: z.array(z.string()).optional(),
      head: z.object({ ref: z.string(), sha: z.string(), repository: z.string() }),
      base: z.object({ ref: z.string(), sha: z.string() }),
      /** True if the head is in another repository: no secrets, no write tokens. */
      fork: z.boolean(),
    })
    .optional(),
  sender: person,
  /** Inputs entered by hand. */
  inputs: z.record(z.string(), z.string()).optional(),
  /** For a manual event: the only workflow to start. */
  workflow: z.string().optional(),
  /** For a schedule: the cron line that is due. */
  schedule: z.string().optional(),
  /** For a schedule: the time zone of its line; UTC if absent. */
  timeZone: z.string().optional(),
  /** The forge's own payload; expressions see it as `github.event`. */
  payload: z.record(z.string(), z.json()).transform((payload): JsonObject => payload),
});

export type Event = z.infer<typeof eventSchema>;
