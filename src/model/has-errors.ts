import type { Diagnostic } from "./diagnostic.ts";

/** Whether any diagnostic prevents the workflow from running. */
export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((each) => each.severity === "error");
}
