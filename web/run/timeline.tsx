import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Job } from "../api/types.ts";
import { Took } from "../parts/time.tsx";
import { Glyph } from "../state/glyph.tsx";
import { isOver, tones, type State } from "../state/state.ts";
import { Share, tally } from "./graph.tsx";
import type { JobNode } from "./graph.ts";
import { barOf, type Bar, type Span } from "./span.ts";

const FEW = 5;
const grid = "grid min-h-9 grid-cols-[minmax(0,1fr)_72px] items-center gap-x-4 px-1 py-1 md:grid-cols-[minmax(180px,3fr)_minmax(0,5fr)_72px] lg:grid-cols-[minmax(180px,3fr)_88px_minmax(0,5fr)_72px]";

interface TimelineProps {
  readonly run: string;
  readonly nodes: readonly JobNode[];
  readonly span: Span;
  readonly open: ReadonlySet<string>;
  readonly onToggle: (id: string) => void;
}

/** The jobs, each with its bar over the time of the run, or with what it waits for. */
export function Timeline({ run, nodes, span, open, onToggle }: TimelineProps) {
  return (
    <ul>
      {nodes.map((node) => {
        const [only] = node.cells;
        return node.cells.length === 1 && only ? (
          <JobRow key={node.id} run={run} job={only} span={span} />
        ) : (
          <Matrix key={node.id} run={run} node={node} span={span} open={open.has(node.id)} onToggle={() => onToggle(node.id)} />
        );
      })}
    </ul>
  );
}

/** Folded it shows the cells that need to be looked at; open it shows all. */
function Matrix({ run, node, span, open, onToggle }: { run: string; node: JobNode; span: Span; open: boolean; onToggle: () => void }) {
  const worth = node.cells.filter((cell) => cell.status === "failure" || cell.status === "lost").slice(0, FEW);
  const cells = open ? node.cells : worth;
  return (
    <li data-node={node.id} className="scroll-mt-14">
      <div className={`${grid} row-line`}>
        <button type="button" className="flex min-w-0 items-center gap-2.5 py-1 text-left" aria-expanded={open} onClick={onToggle}>
          <Glyph state={node.state} />
          <span className="truncate font-medium">{node.id}</span>
          <span className="shrink-0 text-sm text-muted">×{node.cells.length}</span>
          <svg width="10" height="10" viewBox="0 0 10 10" aria-hidden="true" className="shrink-0 text-faint">
            <path d={open ? "M1 3l4 4 4-4" : "M3 1l4 4-4 4"} fill="none" stroke="currentColor" strokeWidth="1.6" />
          </svg>
        </button>
        <Word state={node.state} />
        <span className="flex min-w-0 items-center gap-3 max-md:col-span-2 max-md:row-start-2 max-md:pl-6.5">
          <Share node={node} className="h-1.5 w-24 shrink-0" />
          <span className="truncate text-sm text-muted">{tally(node)}</span>
        </span>
      </div>
      {cells.length > 0 && (
        <ul>
          {cells.map((cell) => (
            <JobRow key={cell.id} run={run} job={cell} span={span} nested />
          ))}
        </ul>
      )}
    </li>
  );
}

function JobRow({ run, job, span, nested = false }: { run: string; job: Job; span: Span; nested?: boolean }) {
  const bar = barOf(job, span);
  const why = isOver(job.status) ? undefined : job.waitsFor;
  return (
    <li data-node={job.job} className={`${grid} row-line row-hover relative`}>
      <span className={`flex min-w-0 items-center gap-2.5 ${nested ? "pl-6.5" : ""}`}>
        <Glyph state={job.status} />
        <Link to="/runs/$run/jobs/$job" params={{ run, job: job.id }} className="truncate after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent" title={job.name}>
          {job.name}
        </Link>
        {job.attempt > 1 && <span className="shrink-0 text-xs text-muted">attempt {job.attempt}</span>}
      </span>
      <Word state={job.status} />
      <span className="min-w-0 max-md:col-span-2 max-md:row-start-2 max-md:pl-6.5">{lane(job, bar, why)}</span>
      <span className="text-right text-sm text-muted max-md:col-start-2 max-md:row-start-1">
        <Took from={job.startedAt} to={job.finishedAt} />
      </span>
    </li>
  );
}

function Word({ state }: { state: State }) {
  return (
    <span className="text-sm max-lg:hidden" style={{ color: `var(--color-${tones[state]})` }} aria-hidden="true">
      {state}
    </span>
  );
}

function lane(job: Job, bar: Bar | undefined, why: string | undefined): ReactNode {
  if (why !== undefined && job.startedAt === undefined) return <span className="block truncate text-sm text-muted">waits for {why}</span>;
  if (bar === undefined) {
    // On wide screens the word stands in a column of its own.
    return job.reason ? <span className="block truncate text-sm text-muted">{job.reason}</span> : <span className="text-sm text-faint lg:hidden">{job.status}</span>;
  }
  return <Lane bar={bar} state={job.status} />;
}

function Lane({ bar, state }: { bar: Bar; state: State }) {
  return (
    <span className="relative block h-2" aria-hidden="true">
      <span className="absolute top-[3px] h-0.5 bg-edge" style={{ left: `${bar.queued}%`, width: `${bar.start - bar.queued}%` }} />
      <span className="absolute inset-y-0 min-w-1 rounded-[2px]" style={{ left: `min(${bar.start}%, 100% - 4px)`, width: `${bar.end - bar.start}%`, background: `var(--color-${tones[state]})` }} />
    </span>
  );
}
