import { glyph, type Schedules } from "../../model/index.ts";
import { openAdministration, type AdminOptions } from "../admin.ts";
import { table } from "../table.ts";

export async function listSchedules(options: AdminOptions & { readonly json?: boolean }): Promise<void> {
  const administration = await openAdministration(options, { folder: true });
  try {
    const found = await administration.schedules();
    process.stdout.write(options.json === true ? `${JSON.stringify(found)}\n` : describeSchedules(found));
  } finally {
    await administration.close();
  }
}

/** A table of schedules, next due first, followed by those that never run. */
export function describeSchedules({ schedules, problems }: Schedules): string {
  const rows = schedules
    .toSorted((a, b) => (a.nextAt < b.nextAt ? -1 : 1))
    .map((each) => [
      each.nextAt,
      each.cron,
      each.timeZone,
      each.repository,
      each.workflows.map(({ file }) => file).join(", "),
      each.lastRun === undefined ? "–" : `${glyph(each.lastRun.status)} #${each.lastRun.number} ${each.lastRun.status}`,
    ]);
  const list =
    rows.length === 0
      ? 'No schedules. Add `on: schedule: [{cron: "0 3 * * *"}]` to a workflow on a repository\'s default branch.\n'
      : table(["NEXT", "CRON", "ZONE", "REPOSITORY", "WORKFLOWS", "LAST RUN"], rows);
  return (
    list +
    problems
      .map(
        ({ repository, file, line, column, message, help }) =>
          `${repository}: ${file}:${line}:${column}: ${message} ${help}\n`,
      )
      .join("")
  );
}
