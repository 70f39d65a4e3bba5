import { lint } from "../../dialect/index.ts";
import type { Diagnostic } from "../../model/index.ts";
import { readWorkflows } from "../run/files.ts";

/** Lints files and folders, or the workflows of the current folder if none are named. */
export function lintPaths(paths: readonly string[]): {
  readonly diagnostics: readonly Diagnostic[];
  readonly files: number;
} {
  const files = readWorkflows(process.cwd(), paths);
  return { diagnostics: files.flatMap((file) => lint(file)), files: files.length };
}
