import type { Run, RunFilter } from "../api/types.ts";

export const statuses = ["running", "pending", "blocked", "failure", "success", "cancelled", "skipped"] as const satisfies readonly Run["status"][];

function text(value: unknown): string | undefined {
  return typeof value === "string" || typeof value === "number" ? String(value).slice(0, 200) || undefined : undefined;
}

/** Reads the filter from an address; what it does not know is left out, so a mistyped address shows more, not an error. */
export function readFilter(search: Record<string, unknown>): RunFilter {
  const repository = text(search.repository);
  const status = statuses.find((each) => each === search.status);
  const sought = text(search.text);
  return { ...(repository && { repository }), ...(status && { status }), ...(sought && { text: sought }) };
}
