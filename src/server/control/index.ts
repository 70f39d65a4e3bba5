/**
 * The controllers: events become runs, runs progress, runners get jobs and report. `startControl` builds them on top of
 * a store; all of them are in one process and access everything else through their options.
 */
export { type Control, startControl } from "./control.ts";
export type { ControlOptions } from "./options.ts";
export type { Limits } from "./limits.ts";
