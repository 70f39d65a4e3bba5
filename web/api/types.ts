/** The page's names for the API's types, from the server's OpenAPI document. */
import type { components } from "../../src/client/schema.ts";

type Schemas = components["schemas"];

export type Job = Schemas["Job"];
export type LiveEvent = Schemas["LiveEvent"];
export type Wait = Schemas["Wait"];
export type LogErrors = Schemas["LogErrors"];
export type LogPage = Schemas["LogPage"];
export type Now = Schemas["Now"];
export type Problem = Schemas["Problem"];
export type Repository = Schemas["Repository"];
export type Run = Schemas["Run"];
export type RunDetail = Schemas["RunDetail"];
export type RunnerView = Schemas["Runner"];
export type Schedule = Schemas["Schedule"];
export type ScheduleProblem = Schemas["ScheduleProblem"];
export type Step = Schemas["Step"];

/** The filters of the runs page; they are stored in the address. */
export interface RunFilter {
  readonly repository?: string;
  readonly status?: Run["status"];
  readonly text?: string;
}

/** A `lines` message of a log stream. */
export type LogLines = Pick<LogPage, "first" | "lines" | "times">;
