import type { Run, RunFilter } from "../api/types.ts";
import { readSort, writeSort } from "../parts/sort.ts";

export const runColumns = ["state", "run", "repository", "ref", "took", "received"] as const;
export type RunColumn = (typeof runColumns)[number];

export const statuses = [
  "running",
  "pending",
  "blocked",
  "failure",
  "success",
  "cancelled",
  "skipped",
] as const satisfies readonly Run["status"][];

function text(value: unknown): string | undefined {
  return typeof value === "string" || typeof value === "number" ? String(value).slice(0, 200) || undefined : undefined;
}

/** The state of the runs page in its address: filters and sorting. */
export interface RunSearch extends RunFilter {
  readonly sort?: string;
}

/** Reads the filter from an address. Unknown values are ignored, so a mistyped address shows more, not an error. */
export function readFilter(search: Record<string, unknown>): RunSearch {
  const repository = text(search.repository);
  const status = statuses.find((each) => each === search.status);
  const sought = text(search.text);
  const sort = readSort(search.sort, runColumns);
  return {
    ...(repository && { repository }),
    ...(status && { status }),
    ...(sought && { text: sought }),
    ...(sort && { sort: writeSort(sort) }),
  };
}
