import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { schedulesQuery } from "../api/queries.ts";
import type { Schedule, ScheduleProblem } from "../api/types.ts";
import { Command } from "../parts/copy.tsx";
import { Empty, Loading, Section, Trouble } from "../parts/notice.tsx";
import { readSort, sorted, writeSort, type SortKey } from "../parts/sort.ts";
import { Table, type Column } from "../parts/table.tsx";
import { Page } from "../shell/page.tsx";
import { urgency } from "../state/state.ts";
import { grid, ScheduleRow } from "./row.tsx";

const order = ["next", "cron", "repository", "last"] as const;
type Order = (typeof order)[number];

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

/** What starts by itself and when, the next due first; then what keeps others from it. */
export function SchedulesPage() {
  const schedules = useQuery(schedulesQuery);
  const navigate = useNavigate();
  const sort = readSort(useSearch({ from: "/schedules" }).sort, order);
  const { schedules: list = [], problems = [] } = schedules.data ?? {};
  return (
    <Page title="Schedules">
      {schedules.error && <Trouble error={schedules.error} retry={() => void schedules.refetch()} />}
      {schedules.isPending && <Loading rows={4} />}
      {schedules.data && list.length === 0 && <None />}
      {list.length > 0 && (
        <Table
          label="Schedules"
          grid={grid}
          columns={columns}
          sort={sort}
          few={list.length < 3}
          onSort={(next) => void navigate({ to: "/schedules", search: next ? { sort: writeSort(next) } : {}, replace: true, resetScroll: false })}
        >
          {sorted(list, sortKeys[sort?.by ?? "next"], sort?.down ?? false).map((schedule) => (
            <ScheduleRow key={schedule.id} schedule={schedule} />
          ))}
        </Table>
      )}
      {problems.length > 0 && <Problems problems={problems} />}
    </Page>
  );
}

function None() {
  return (
    <Empty title="Nothing starts by itself yet.">
      <p>Give a workflow a schedule on the default branch, such as this in .github/workflows, and push it. Times are in UTC unless it says otherwise.</p>
      <pre className="overflow-x-auto rounded-md border border-line bg-sunken px-3 py-2 text-ink">{`on:\n  schedule:\n    - cron: "0 3 * * *"\n      timezone: Europe/Berlin`}</pre>
      <p>This finds lines that are wrong, or never come, before you push:</p>
      <Command>sluice lint</Command>
    </Empty>
  );
}

function Problems({ problems }: { problems: readonly ScheduleProblem[] }) {
  return (
    <Section title="Never due" count={problems.length}>
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
