/**
 * The controllers: events become runs, runs move on, runners get jobs and report. `startControl` puts them together
 * on top of a store; all of them live in one process and reach everything else through their options.
 */
export { type Control, startControl } from "./control.ts";
export type { ControlOptions } from "./options.ts";
export type { Limits } from "./limits.ts";
