import type { Compilation, CompileContext, Schedules, WorkflowFile } from "../../dialect/index.ts";

/**
 * Reads workflow files. Whatever a file contains, only that file is rejected; a rejected promise is the server's own
 * failure.
 */
export interface Compiler {
  /** Work is about to come: starts whatever takes time to start. */
  warm(): void;
  /** Like the dialects' `compileAll`. Rejects with `unavailable` if the server stops in the meantime. */
  compileAll(files: readonly WorkflowFile[], context: CompileContext): Promise<readonly Compilation[]>;
  /** Like the dialects' `readSchedules`, for a repository by name. Rejects like `compileAll`. */
  schedules(repository: string, files: readonly WorkflowFile[]): Promise<Schedules>;
}
