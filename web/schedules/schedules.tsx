import { useQuery } from "@tanstack/react-query";
import { schedulesQuery } from "../api/queries.ts";
import type { Schedule, ScheduleProblem } from "../api/types.ts";
import { Command } from "../parts/copy.tsx";
import { Empty, Section } from "../parts/notice.tsx";
import type { SortKey } from "../parts/sort.ts";
import type { Column } from "../parts/table.tsx";
import { ListPage } from "../shell/list-page.tsx";
import { urgency } from "../state/state.ts";
import { grid, ScheduleRow } from "./row.tsx";

type Order = "next" | "cron" | "repository" | "last";

const columns: readonly Column<Order>[] = [
  { title: "Next", sort: "next" },
  { title: "Schedule", sort: "cron" },
  { title: "Starts" },
  { title: "Repository", sort: "repository", className: "max-lg:sr-only" },
  { title: "Last run", sort: "last" },
  { title: "Run now", silent: true },
];

const sortKeys: Readonly<Record<Order, (schedule: Schedule) => SortKey>> = {
  next: ({ nextAt }) => Date.parse(nextAt),
  cron: ({ cron }) => cron,
  repository: ({ repository }) => repository,
  last: ({ lastRun }) => lastRun && urgency(lastRun.status),
};

/** All schedules, next due first, followed by those that never run and why. */
export function SchedulesPage() {
  const schedules = useQuery(schedulesQuery);
  const problems = schedules.data?.problems ?? [];
  return (
    <ListPage
      title="Schedules"
      path="/schedules"
      query={schedules}
      items={schedules.data?.schedules}
      columns={columns}
      sortKeys={sortKeys}
      first="next"
      grid={grid}
      room={4}
      empty={<None />}
      renderRow={(schedule) => <ScheduleRow key={schedule.id} schedule={schedule} />}
    >
      {problems.length > 0 && <Problems problems={problems} />}
    </ListPage>
  );
}

function None() {
  return (
    <Empty title="No schedules yet.">
      <p>
        Add a schedule to a workflow on the default branch, for example in .github/workflows, and push it. Times are in
        UTC unless you set a time zone.
      </p>
      <pre className="overflow-x-auto rounded-md border border-line bg-sunken px-3 py-2 text-ink">{`on:\n  schedule:\n    - cron: "0 3 * * *"\n      timezone: Europe/Berlin`}</pre>
      <p>To find lines that are invalid or never occur before you push:</p>
      <Command>sluice lint</Command>
    </Empty>
  );
}

function Problems({ problems }: { problems: readonly ScheduleProblem[] }) {
  return (
    <Section title="Never runs" count={problems.length}>
      <ul>
        {problems.map(({ repository, file, line, column, message, help }) => (
          <li key={`${repository} ${file}:${line}:${column} ${message}`} className="row-line px-1 py-2 text-sm">
            <p className="flex min-w-0 flex-wrap gap-x-3">
              <span className="font-medium">{repository}</span>
              <code className="min-w-0 break-all text-muted">
                {file}:{line}:{column}
              </code>
            </p>
            <p className="mt-0.5">
              <span className="text-failure">{message}</span> <span className="text-muted">{help}</span>
            </p>
          </li>
        ))}
      </ul>
    </Section>
  );
}
