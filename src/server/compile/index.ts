/** Compiles workflow files in separate threads: a hostile file kills its thread, and nothing else. */
export { type CompilerLimits, WorkflowCompiler } from "./compiler.ts";
export type { Compiler } from "./port.ts";
