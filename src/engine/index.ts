/**
 * What happens next in a run: a pure state machine over plans. `createRun` starts, `advance` moves on by one
 * input; effects say what the caller has to do. Concurrency groups between runs are the machine in `group.ts`.
 */
export { advance, createRun } from "./advance.ts";
export { enterGroup, type GroupChange, type GroupState, leaveGroup } from "./group.ts";
export { holderTarget } from "./holder.ts";
export type { Effect, EngineInput, JobState, RunState } from "./port.ts";
export { runnerWait } from "./waits.ts";
