import type { Schedule } from "../../model/index.ts";
import type { RepositoryRow, ScheduleRow } from "../../store/index.ts";
import type { ScheduleEntry } from "./entry.ts";

/** A schedule as the API shows it; `row` is its stored state. */
export function scheduleView(
  repository: RepositoryRow,
  entry: ScheduleEntry,
  row: ScheduleRow | undefined,
  now: number,
): Schedule {
  const { id, cron, timeZone, workflows, note } = entry;
  const run = row?.last?.run;
  return {
    id,
    repository: repository.name,
    branch: repository.defaultBranch,
    cron,
    timeZone,
    workflows: [...workflows],
    nextAt: iso(entry.nextAt(now)),
    ...(row?.lastDue === undefined ? {} : { lastDueAt: iso(row.lastDue) }),
    ...(run === undefined ? {} : { lastRun: { ...run } }),
    ...(note === undefined ? {} : { note }),
  };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
