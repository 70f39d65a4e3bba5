import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Job } from "../api/types.ts";
import { duration } from "../parts/duration.ts";
import { sorted, type Sort, type SortKey } from "../parts/sort.ts";
import { Table, type Column } from "../parts/table.tsx";
import { Took } from "../parts/time.tsx";
import { Waits } from "../parts/waits.tsx";
import { Glyph } from "../state/glyph.tsx";
import { isOver, jobState, tones, urgency, type State } from "../state/state.ts";
import { Share, tally } from "./graph.tsx";
import type { JobNode } from "./graph.ts";
import { barOf, envelope, workOf, type Bar, type Span } from "./span.ts";

const FEW = 5;
const grid =
  "relative grid min-h-9 grid-cols-[minmax(0,1fr)_72px] items-center gap-x-4 px-1 py-1 md:grid-cols-[minmax(180px,3fr)_minmax(0,5fr)_72px] lg:grid-cols-[minmax(180px,3fr)_88px_minmax(0,5fr)_72px]";
const laneCell = "min-w-0 max-md:col-span-2 max-md:row-start-2 max-md:pl-6.5";

export const jobColumns = ["job", "state", "took"] as const;
export type JobColumn = (typeof jobColumns)[number];

interface TimelineProps {
  readonly label: string;
  readonly run: string;
  readonly nodes: readonly JobNode[];
  readonly span: Span;
  readonly now: number;
  readonly open: ReadonlySet<string>;
  readonly onToggle: (id: string) => void;
  readonly sort: Sort<JobColumn> | undefined;
  readonly onSort: (sort: Sort<JobColumn> | undefined) => void;
}

/** The jobs, each with its bar over the run's time, or with what it waits for. */
export function Timeline({ label, run, nodes, span, now, open, onToggle, sort, onSort }: TimelineProps) {
  const keys: Readonly<Record<JobColumn, (node: JobNode) => SortKey>> = {
    job: (node) => (node.cells.length === 1 ? node.cells[0]?.name : node.id),
    state: (node) => urgency(node.state),
    took: (node) => most(node.cells.map((cell) => workOf(cell, now))),
  };
  const order = (jobs: readonly JobNode[]): readonly JobNode[] =>
    sort ? sorted(jobs, keys[sort.by], sort.down) : jobs;
  const columns: readonly Column<JobColumn>[] = [
    { title: "Job", sort: "job" },
    { title: "State", sort: "state", className: "max-lg:hidden" },
    { title: "Time", content: <Axis span={span} /> },
    { title: "Took", sort: "took", downFirst: true, end: true },
  ];
  return (
    <Table
      label={label}
      grid={grid}
      columns={columns}
      sort={sort}
      few={nodes.length < 8}
      {...(nodes.length > 1 || (nodes[0]?.cells.length ?? 0) > 1 ? { onSort } : {})}
    >
      {order(nodes).map((node) => {
        const [only] = node.cells;
        return node.cells.length === 1 && only ? (
          <JobRow key={node.id} run={run} job={only} span={span} />
        ) : (
          <Matrix
            key={node.id}
            run={run}
            node={node}
            span={span}
            order={order}
            open={open.has(node.id)}
            onToggle={() => onToggle(node.id)}
          />
        );
      })}
    </Table>
  );
}

function most(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}

/** The start and end of the time axis. */
function Axis({ span }: { span: Span }) {
  return (
    <span className="flex justify-between text-faint">
      <span>0s</span>
      <span>{duration(span.to - span.from)}</span>
    </span>
  );
}

/** Folded, it shows the cells that need attention; open, it shows all. */
function Matrix({
  run,
  node,
  span,
  order,
  open,
  onToggle,
}: {
  run: string;
  node: JobNode;
  span: Span;
  order: (jobs: readonly JobNode[]) => readonly JobNode[];
  open: boolean;
  onToggle: () => void;
}) {
  const worth = node.cells.filter((cell) => cell.status === "failure" || cell.status === "lost").slice(0, FEW);
  const cells = order(
    (open ? node.cells : worth).map((cell) => ({ id: cell.id, needs: [], cells: [cell], state: jobState(cell) })),
  ).flatMap((each) => each.cells);
  const bar = envelope(node.cells.map((cell) => barOf(cell, span)));
  return (
    <>
      <tr data-node={node.id} className={`${grid} row-line scroll-mt-14`}>
        <td className="min-w-0">
          <button
            type="button"
            className="flex w-full min-w-0 items-center gap-2.5 py-1 text-left"
            aria-expanded={open}
            onClick={onToggle}
          >
            <Glyph state={node.state} />
            <span className="truncate font-medium">{node.id}</span>
            <span className="shrink-0 text-sm text-muted">×{node.cells.length}</span>
            <svg width="10" height="10" viewBox="0 0 10 10" aria-hidden="true" className="shrink-0 text-faint">
              <path d={open ? "M1 3l4 4 4-4" : "M3 1l4 4-4 4"} fill="none" stroke="currentColor" strokeWidth="1.6" />
            </svg>
            <span className="min-w-0 truncate text-sm text-muted max-md:hidden">{tally(node)}</span>
          </button>
        </td>
        <td className="max-lg:hidden">
          <Word state={node.state} />
        </td>
        <td className={laneCell}>
          <span className="block truncate pb-1 text-sm text-muted md:hidden">{tally(node)}</span>
          {bar && node.cells.some((cell) => cell.startedAt !== undefined) ? (
            <span className="relative block h-2">
              <Waited bar={bar} />
              <span
                className="absolute inset-y-0"
                style={{ left: `min(${bar.start}%, 100% - 4px)`, width: `max(4px, ${bar.end - bar.start}%)` }}
              >
                <Share node={node} className="h-2 w-full" />
              </span>
            </span>
          ) : (
            <Unstarted cells={node.cells} />
          )}
        </td>
        <td className="text-right text-sm text-muted max-md:col-start-2 max-md:row-start-1">
          <Took {...extent(node.cells)} />
        </td>
      </tr>
      {cells.map((cell) => (
        <JobRow key={cell.id} run={run} job={cell} span={span} nested />
      ))}
    </>
  );
}

/** A matrix of which no cell runs or ran in this attempt. */
function Unstarted({ cells }: { cells: readonly Job[] }) {
  const waiting = cells.find((cell) => cell.waitsFor !== undefined && !isOver(cell.status));
  const before = cells.find((cell) => cell.startedAt !== undefined);
  return (
    <span className="block text-sm text-muted md:truncate">
      {waiting ? <Waits of={waiting} /> : before ? `from attempt ${before.attempt}` : cells[0]?.reason}
    </span>
  );
}

/** From the first start to the last end, which is open while a cell is running. */
function extent(cells: readonly Job[]): { from: string | undefined; to: string | undefined } {
  const starts = cells.flatMap((cell) => cell.startedAt ?? []).toSorted();
  const ends = cells.flatMap((cell) => cell.finishedAt ?? []).toSorted();
  return { from: starts[0], to: ends.length === cells.length ? ends.at(-1) : undefined };
}

function JobRow({ run, job, span, nested = false }: { run: string; job: Job; span: Span; nested?: boolean }) {
  return (
    <tr data-node={job.job} className={`${grid} row-line row-hover`}>
      <td className={`flex min-w-0 items-center gap-2.5 ${nested ? "pl-6.5" : ""}`}>
        <Glyph state={jobState(job)} />
        <Link
          to="/runs/$run/jobs/$job"
          params={{ run, job: job.id }}
          className="truncate after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
          title={job.name}
        >
          {job.name}
        </Link>
        {job.attempt > 1 && <span className="shrink-0 text-xs text-muted">attempt {job.attempt}</span>}
      </td>
      <td className="max-lg:hidden">
        <Word state={jobState(job)} />
      </td>
      <td className={laneCell}>{lane(job, barOf(job, span))}</td>
      <td className="text-right text-sm text-muted max-md:col-start-2 max-md:row-start-1">
        <Took from={job.startedAt} to={job.finishedAt} />
      </td>
    </tr>
  );
}

function Word({ state }: { state: State }) {
  return (
    <span className="text-sm" style={{ color: `var(--color-${tones[state]})` }} aria-hidden="true">
      {state}
    </span>
  );
}

function lane(job: Job, bar: Bar | undefined): ReactNode {
  if (!isOver(job.status) && job.waitsFor !== undefined && job.startedAt === undefined) {
    return (
      <span className="block text-sm text-muted md:truncate" title={`waits for ${job.waitsFor}`}>
        <Waits of={job} />
      </span>
    );
  }
  if (bar === undefined && job.startedAt !== undefined)
    return <span className="text-sm text-faint">from attempt {job.attempt}</span>;
  if (bar === undefined) {
    // On wide screens the state has its own column.
    return job.reason ? (
      <span className="block text-sm text-muted md:truncate">{job.reason}</span>
    ) : (
      <span className="text-sm text-faint lg:hidden">{job.status}</span>
    );
  }
  return <Lane bar={bar} state={jobState(job)} />;
}

/** Queued until started: a thin line, as no work was done. */
function Waited({ bar }: { bar: Bar }) {
  return (
    <span
      className="absolute top-[3px] h-0.5 bg-edge"
      style={{ left: `${bar.queued}%`, width: `${bar.start - bar.queued}%` }}
    />
  );
}

function Lane({ bar, state }: { bar: Bar; state: State }) {
  return (
    <span className="relative block h-2" aria-hidden="true">
      <Waited bar={bar} />
      <span
        className="absolute inset-y-0 min-w-1 rounded-[2px]"
        style={{
          left: `min(${bar.start}%, 100% - 4px)`,
          width: `${bar.end - bar.start}%`,
          background: `var(--color-${tones[state]})`,
        }}
      />
    </span>
  );
}
