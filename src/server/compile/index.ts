/** Workflow files are read here, in threads of their own: hostile ones end their thread, and nothing else. */
export { type CompilerLimits, WorkflowCompiler } from "./compiler.ts";
export type { Compiler } from "./port.ts";
