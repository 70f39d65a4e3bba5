import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Run } from "../api/types.ts";
import { Ago, Took } from "../parts/time.tsx";
import { Glyph } from "../state/glyph.tsx";
import { shortRef } from "./ref.ts";

/** One run in a list: a line on a desk, two on a phone. `why` says what it waits for. */
export function RunRow({ run, why }: { run: Run; why?: ReactNode }) {
  return (
    <li className="row-line row-hover relative grid min-h-9 grid-cols-[16px_minmax(0,1fr)_auto] items-center gap-x-3 px-1 py-1.5 md:grid-cols-[16px_minmax(0,1fr)_minmax(0,140px)_96px_56px_68px] md:py-1 lg:grid-cols-[88px_minmax(0,1fr)_minmax(0,210px)_144px_72px_80px]">
      <Glyph state={run.status} word="wide" />
      <div className="flex min-w-0 items-baseline gap-3">
        <Link to="/runs/$run" params={{ run: run.id }} className="truncate font-medium after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent">
          {run.title || "(no message)"}
        </Link>
        {why !== undefined && <span className="max-w-3/5 shrink-0 truncate text-sm text-muted max-md:hidden">{why}</span>}
        {run.workflows.length > 1 && <Strip run={run} />}
      </div>
      <span className="flex min-w-0 gap-1.5 text-sm text-muted max-md:hidden">
        <span className="truncate">{run.repository}</span>
        <span className="text-faint">#{run.number}</span>
      </span>
      <span className="mono truncate text-xs text-muted max-md:hidden" title={run.ref}>
        {shortRef(run.ref)}
      </span>
      <span className="text-right text-sm text-muted max-md:hidden">
        <Took from={run.startedAt} to={run.finishedAt} />
      </span>
      <Ago at={run.createdAt} className="text-right text-sm whitespace-nowrap text-muted" />
      <p className="col-start-2 col-end-4 flex min-w-0 gap-x-2 text-xs text-muted md:hidden">
        <span className="truncate">
          {run.repository} #{run.number}
          <span className="text-faint"> · {shortRef(run.ref)}</span>
        </span>
        <span className="ml-auto shrink-0">
          <Took from={run.startedAt} to={run.finishedAt} />
        </span>
      </p>
      {why !== undefined && <p className="col-start-2 col-end-4 text-xs text-muted md:hidden">{why}</p>}
    </li>
  );
}

/** One small glyph for each workflow of the run. */
function Strip({ run }: { run: Run }) {
  return (
    <span className="ml-auto flex shrink-0 items-center gap-1 self-center max-md:hidden">
      {run.workflows.slice(0, 8).map((workflow) => (
        <span key={workflow.workflow} title={`${workflow.name}: ${workflow.status}`} className="flex">
          <span className="sr-only">{workflow.name}: </span>
          <Glyph state={workflow.status} size={11} />
        </span>
      ))}
      {run.workflows.length > 8 && <span className="text-xs text-muted">+{run.workflows.length - 8}</span>}
    </span>
  );
}
