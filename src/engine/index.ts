/**
 * What happens next in a run: a pure state machine over plans. `createRun` starts it, `advance` applies one input; the
 * returned effects are what the caller must do. Concurrency groups between runs are a separate machine in `group.ts`.
 */
// All with a star: for names in braces, esbuild loads the schemas and Zod wherever anything of this room is used.
export * from "./advance.ts";
export * from "./group.ts";
export * from "./holder.ts";
export * from "./state-schema.ts";
export type { Effect, EngineInput, JobState, RunState } from "./port.ts";
