/**
 * What happens next in a run: a pure state machine over plans. `createRun` starts it, `advance` applies one input; the
 * returned effects are what the caller must do. Concurrency groups between runs are a separate machine in `group.ts`.
 */
export { advance, createRun } from "./advance.ts";
export { enterGroup, type GroupChange, type GroupState, leaveGroup } from "./group.ts";
export { holderTarget } from "./holder.ts";
export { groupStateSchema, jobStateSchema, runHeadSchema } from "./state-schema.ts";
export type { Effect, EngineInput, JobState, RunState } from "./port.ts";
