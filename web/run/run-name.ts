import type { Run } from "../api/types.ts";

/**
 * The author's name for this run of a workflow, if it says more than the run's title and the workflow's name beside it.
 */
export function ownRunName(
  run: Pick<Run, "title">,
  { name, runName }: Pick<Run["workflows"][number], "name" | "runName">,
): string | undefined {
  return runName === run.title || runName === name ? undefined : runName;
}
