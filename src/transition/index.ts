/**
 * Durable transitions: load a state, compute the next one with the engine, commit it together with all its consequences
 * as messages, and let one loop deliver those. No process holds anything that a crash could lose: after a start the
 * loop continues. Runs and concurrency groups work this way; to leave work for later, define a topic for it.
 */
export { crashPoint, type CrashPoint, crashPoints, scheduleCrashPoints } from "./crash-point.ts";
export { Grants } from "./group/grants.ts";
export { Groups } from "./group/groups.ts";
export { partsOf } from "./group/member.ts";
export { readGroups } from "./group/state.ts";
export { leftMessages } from "./left-files.ts";
export { Delivery } from "./message/delivery.ts";
export { Resumption } from "./run/resume.ts";
export { type ChangeRequest, Runs } from "./run/runs.ts";
export type { OpenRun } from "./run/state.ts";
export { Serial } from "./serial.ts";
export { openSignals } from "./shared-signals.ts";
export { localSignals, type Signals } from "./signals.ts";
export * from "./topics.ts";
