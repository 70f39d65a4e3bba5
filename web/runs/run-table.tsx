import { Link } from "@tanstack/react-router";
import type { Run } from "../api/types.ts";
import { sorted, type Sort, type SortKey } from "../parts/sort.ts";
import { Table, type Column } from "../parts/table.tsx";
import { Ago, Took } from "../parts/time.tsx";
import { Waits } from "../parts/waits.tsx";
import { ownRunName } from "../run/run-name.ts";
import { Glyph } from "../state/glyph.tsx";
import { urgency } from "../state/state.ts";
import type { RunColumn } from "./filter.ts";
import { shortRef } from "./ref.ts";

const columns: readonly Column<RunColumn>[] = [
  { title: "State", sort: "state", className: "max-lg:sr-only" },
  { title: "Run", sort: "run", className: "md:max-lg:col-start-2" },
  { title: "Repository", sort: "repository" },
  { title: "Ref", sort: "ref" },
  { title: "Took", sort: "took", downFirst: true, end: true },
  { title: "Received", sort: "received", downFirst: true, end: true },
];

const took = (run: Run): number | undefined =>
  run.startedAt === undefined
    ? undefined
    : (run.finishedAt === undefined ? Date.now() : Date.parse(run.finishedAt)) - Date.parse(run.startedAt);

const sortKeys: Readonly<Record<RunColumn, (run: Run) => SortKey>> = {
  state: (run) => urgency(run.status),
  run: (run) => run.title,
  repository: (run) => `${run.repository} ${run.number}`,
  ref: (run) => shortRef(run.ref),
  took,
  received: (run) => Date.parse(run.createdAt),
};

const grid =
  "relative grid min-h-9 grid-cols-[16px_minmax(0,1fr)_auto] items-center gap-x-3 px-1 py-1.5 md:grid-cols-[16px_minmax(0,1fr)_minmax(0,140px)_96px_56px_68px] md:py-1 lg:grid-cols-[88px_minmax(0,1fr)_minmax(0,210px)_144px_72px_80px]";

interface RunTableProps {
  readonly label: string;
  readonly runs: readonly Run[];
  readonly sort?: Sort<RunColumn> | undefined;
  readonly onSort?: (sort: Sort<RunColumn> | undefined) => void;
}

/** Runs: one line each on a desktop, two on a phone. Newest first unless `sort` says otherwise. */
export function RunTable({ label, runs, sort, onSort }: RunTableProps) {
  const rows = sort ? sorted(runs, sortKeys[sort.by], sort.down) : runs;
  return (
    <Table label={label} grid={grid} columns={columns} sort={sort} few={rows.length < 3} {...(onSort && { onSort })}>
      {rows.map((run) => (
        <RunRow key={run.id} run={run} />
      ))}
    </Table>
  );
}

function RunRow({ run }: { run: Run }) {
  const names = run.workflows.flatMap((workflow) => ownRunName(run, workflow) ?? []).join(" · ");
  return (
    <tr className={`${grid} row-line row-hover`}>
      <td className="flex">
        <Glyph state={run.status} word="wide" />
      </td>
      <td className="flex min-w-0 items-baseline gap-3">
        <Link
          to="/runs/$run"
          params={{ run: run.id }}
          className="min-w-16 truncate font-medium after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
        >
          {run.title || "(no message)"}
        </Link>
        {names !== "" && (
          <span className="min-w-0 truncate text-sm text-muted max-md:hidden" title={names}>
            {names}
          </span>
        )}
        {run.waitsFor !== undefined && (
          <span
            className="min-w-0 flex-1 basis-1/2 truncate text-sm text-muted max-md:hidden"
            title={`waits for ${run.waitsFor}`}
          >
            <Waits of={run} />
          </span>
        )}
        {run.problem !== undefined && (
          <span className="min-w-0 flex-1 basis-1/2 truncate text-sm text-muted max-md:hidden" title={run.problem.help}>
            {run.problem.message}
          </span>
        )}
        {run.workflows.length > 1 && <Strip run={run} />}
      </td>
      <td className="flex min-w-0 gap-1.5 text-sm text-muted max-md:hidden">
        <span className="truncate">{run.repository}</span>
        <span className="text-faint">#{run.number}</span>
      </td>
      <td className="mono truncate text-xs text-muted max-md:hidden" title={run.ref}>
        {shortRef(run.ref)}
      </td>
      <td className="text-right text-sm text-muted max-md:hidden">
        <Took from={run.startedAt} to={run.finishedAt} />
      </td>
      <td className="text-right text-sm whitespace-nowrap text-muted">
        <Ago at={run.createdAt} />
      </td>
      <td className="col-start-2 col-end-4 min-w-0 text-xs text-muted md:hidden">
        <p className="flex gap-x-2">
          <span className="truncate">
            {run.repository} #{run.number}
            <span className="text-faint"> · {shortRef(run.ref)}</span>
          </span>
          <span className="ml-auto shrink-0">
            <Took from={run.startedAt} to={run.finishedAt} />
          </span>
        </p>
        {names !== "" && <p className="truncate">{names}</p>}
        {run.problem !== undefined && <p>{run.problem.message}</p>}
        {run.waitsFor !== undefined && (
          <p>
            <Waits of={run} />
          </p>
        )}
      </td>
    </tr>
  );
}

/** One small glyph per workflow of the run. */
function Strip({ run }: { run: Run }) {
  return (
    <span className="ml-auto flex shrink-0 items-center gap-1 self-center max-md:hidden">
      {run.workflows.slice(0, 8).map((workflow) => (
        <span
          key={workflow.workflow}
          title={`${ownRunName(run, workflow) ?? workflow.name}: ${workflow.status}`}
          className="flex"
        >
          <span className="sr-only">{workflow.name}: </span>
          <Glyph state={workflow.status} size={11} />
        </span>
      ))}
      {run.workflows.length > 8 && <span className="text-xs text-muted">+{run.workflows.length - 8}</span>}
    </span>
  );
}
