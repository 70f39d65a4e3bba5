import { Link } from "@tanstack/react-router";
import type { Run, RunDetail } from "../api/types.ts";
import { Commit, Copy } from "../parts/copy.tsx";
import { Ago, Took } from "../parts/time.tsx";
import { Waits } from "../parts/waits.tsx";
import { shortRef } from "../runs/ref.ts";
import { Glyph } from "../state/glyph.tsx";
import { RunActions } from "./actions.tsx";

/** What ran, for whom, its state, and its actions. */
export function RunHeader({ run }: { run: RunDetail }) {
  return (
    <header className="pt-5 pb-2">
      <p className="text-sm text-muted">
        <Link to="/runs" search={{ repository: run.repository }} className="quiet-link">
          {run.repository}
        </Link>
        <span className="text-faint"> / </span>
        <Copy text={run.id} label="Run id" className="font-sans! text-sm!">
          run {run.number}
        </Copy>
        {run.attempt > 1 && <span> · attempt {run.attempt}</span>}
      </p>
      <div className="mt-1 flex flex-wrap items-start gap-x-6 gap-y-3">
        <div className="flex min-w-0 flex-[1_1_420px] items-start gap-2.5">
          <span className="pt-1">
            <Glyph state={run.status} size={18} />
          </span>
          <h1 className="min-w-0 text-lg leading-7 font-semibold tracking-tight [overflow-wrap:anywhere]">
            {run.title || "(no message)"}
          </h1>
        </div>
        <RunActions run={run} />
      </div>
      <Facts run={run} />
    </header>
  );
}

function Facts({ run }: { run: Run }) {
  return (
    <dl className="mt-3 flex flex-wrap gap-x-8 gap-y-2 text-sm *:min-w-0 [&_dt]:text-xs [&_dt]:text-faint">
      <div>
        <dt>State</dt>
        <dd>
          <span
            style={{ color: `var(--color-${run.status === "pending" ? "waiting" : run.status})` }}
            className="font-medium"
          >
            {run.status}
          </span>
          {run.waitsFor && (
            <span className="text-muted">
              , <Waits of={run} />
            </span>
          )}
        </dd>
      </div>
      <div>
        <dt>Took</dt>
        <dd>{run.startedAt ? <Took from={run.startedAt} to={run.finishedAt} /> : "–"}</dd>
      </div>
      <div>
        <dt>Commit</dt>
        <dd>
          <Commit sha={run.sha} />
        </dd>
      </div>
      <div className="max-w-64">
        <dt>Ref</dt>
        <dd className="flex">
          <Copy text={shortRef(run.ref)} label={run.ref} className="truncate leading-5">
            {shortRef(run.ref)}
          </Copy>
        </dd>
      </div>
      <div>
        <dt>Started by</dt>
        <dd>
          {run.event.replaceAll("_", " ")}
          {run.sender && <span className="text-muted"> by {run.sender}</span>}
        </dd>
      </div>
      {run.author && run.author !== run.sender && (
        <div>
          <dt>Author</dt>
          <dd>{run.author}</dd>
        </div>
      )}
      <div>
        <dt>Received</dt>
        <dd>
          <Ago at={run.createdAt} />
        </dd>
      </div>
    </dl>
  );
}
