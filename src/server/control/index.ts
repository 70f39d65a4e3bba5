/**
 * The controllers: events become runs, runs move on, runners get jobs and report. `startControl` puts them together
 * on top of a store; all of them live in one process and reach everything else through their options.
 */
export { type Control, startControl } from "./control.ts";
export { type CrashPoint, crashPoint, crashPoints } from "./crash.ts";
export { defaultLimits, type Limits } from "./limits.ts";
export { LiveHub, type LiveListener, type LiveMessage } from "./live.ts";
export type { ControlOptions, Logger } from "./options.ts";
export type { Now } from "./queries.ts";
export type { RunnerRegistration } from "./runners.ts";
