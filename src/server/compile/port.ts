import type { Compilation, CompileContext, Schedules, WorkflowFile } from "../../dialect/index.ts";

/** Reads workflow files. Whatever is in a file, only that file is refused; a rejection is the server's own failure. */
export interface Compiler {
  /** Work is about to come: whatever takes time to start is started. */
  warm(): void;
  /** As the dialects' `compileAll`. Rejects with `unavailable` when the server ends meanwhile. */
  compileAll(files: readonly WorkflowFile[], context: CompileContext): Promise<readonly Compilation[]>;
  /** As the dialects' `readSchedules`, for a repository by name. Rejects as `compileAll`. */
  schedules(repository: string, files: readonly WorkflowFile[]): Promise<Schedules>;
}
