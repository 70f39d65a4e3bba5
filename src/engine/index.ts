/**
 * What happens next in a run: a pure state machine over plans. `createRun` starts, `advance` moves on by one
 * input; effects say what the caller has to do. Concurrency groups between runs are the machine in `group.ts`.
 */
export { advance, createRun } from "./advance.ts";
export { enterGroup, type Entrant, type GroupChange, type GroupState, groupStateSchema, leaveGroup } from "./group.ts";
export { holderTarget } from "./holder.ts";
export { expandMatrix, matrixLimit } from "./matrix.ts";
export type { Effect, Engine, EngineInput, Holder, JobSettings, JobState, RunState, Transition, WorkflowState } from "./port.ts";
export { defaultTimeoutMinutes } from "./settings.ts";
export { runnerWait } from "./waits.ts";
