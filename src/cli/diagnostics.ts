import type { Diagnostic } from "../model/index.ts";
import { paint } from "./terminal.ts";

/** Formats a diagnostic for people; editors and terminals turn the place into a link. */
export function formatDiagnostic(each: Diagnostic): string {
  const severity = each.severity === "error" ? paint("red", "error") : paint("yellow", "warning");
  const help = each.help === "" ? "" : `\n    help: ${each.help}`;
  return `${each.file}:${each.line}:${each.column}: ${severity} ${each.message} ${paint("dim", `[${each.code}]`)}${help}`;
}
