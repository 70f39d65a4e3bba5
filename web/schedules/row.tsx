import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api } from "../api/client.ts";
import { sessionQuery } from "../api/queries.ts";
import type { Schedule } from "../api/types.ts";
import { Trouble } from "../parts/notice.tsx";
import { Ahead } from "../parts/time.tsx";
import { Glyph } from "../state/glyph.tsx";

export const grid =
  "grid min-h-9 grid-cols-[minmax(0,1fr)_auto] items-center gap-x-3 gap-y-0.5 px-1 py-1.5 text-sm md:grid-cols-[72px_minmax(0,2fr)_minmax(0,3fr)_104px_72px] md:py-1 lg:grid-cols-[88px_minmax(0,3fr)_minmax(0,5fr)_minmax(0,2fr)_120px_72px] lg:gap-x-4";

/** One schedule: when it is due next, its cron line, what it starts, and how the last run ended. */
export function ScheduleRow({ schedule }: { schedule: Schedule }) {
  const { id, cron, timeZone, repository, branch, workflows, nextAt, lastRun, note } = schedule;
  const mayStart = useQuery(sessionQuery).data?.role !== "viewer";
  const start = useMutation({ mutationFn: () => api.runSchedule(id) });
  const label = `Run ${cron} of ${repository} now`;
  return (
    <tr className={`${grid} row-line row-hover`}>
      <td className="whitespace-nowrap max-md:order-2 max-md:text-right">
        <Ahead at={nextAt} />
      </td>
      <td className="flex min-w-0 flex-wrap items-baseline gap-x-2 max-md:order-1">
        <code className="font-medium">{cron}</code>
        <span className="text-xs text-muted">{timeZone}</span>
      </td>
      <td className="min-w-0 max-md:order-3 max-md:col-span-2">
        {workflows.map(({ file, name, line }) => (
          <span key={`${file}:${line}`} className="flex min-w-0 flex-wrap gap-x-2">
            {name !== file && <span>{name}</span>}
            <code className="min-w-0 break-all text-muted">
              {file}:{line}
            </code>
          </span>
        ))}
        <Link
          to="/runs"
          search={{ repository }}
          className="quiet-link text-muted lg:hidden"
          title={`Its branch ${branch}`}
        >
          {repository}
        </Link>
        {note !== undefined && <p className="text-xs text-allowed">{note}</p>}
        {start.error && <Trouble error={start.error} />}
      </td>
      <td className="min-w-0 max-lg:hidden">
        <Link to="/runs" search={{ repository }} className="quiet-link block truncate" title={`Its branch ${branch}`}>
          {repository}
        </Link>
      </td>
      <td className="flex items-center gap-2 whitespace-nowrap max-md:order-4">
        {lastRun ? (
          <>
            <Glyph state={lastRun.status} />
            <Link
              to="/runs/$run"
              params={{ run: lastRun.id }}
              className="link"
              aria-label={`run ${lastRun.number} of ${repository}`}
            >
              run {lastRun.number}
            </Link>
          </>
        ) : (
          <span className="text-faint">no runs yet</span>
        )}
      </td>
      <td className="text-right max-md:order-5">
        <button
          type="button"
          className="tool"
          disabled={!mayStart || start.isPending}
          aria-label={label}
          title={mayStart ? label : "Your token is read-only."}
          onClick={() => start.mutate()}
        >
          <svg width="10" height="10" viewBox="0 0 10 10" aria-hidden="true">
            <path d="M2.5 1.5v7l6-3.5z" fill="none" stroke="currentColor" strokeWidth="1.4" strokeLinejoin="round" />
          </svg>
          {start.isPending ? "starting" : "run"}
        </button>
      </td>
    </tr>
  );
}
