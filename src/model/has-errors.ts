import type { Diagnostic } from "./diagnostic.ts";

/** True when any of them stops the workflow from running. */
export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((each) => each.severity === "error");
}
