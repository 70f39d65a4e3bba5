import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo, useRef, useState } from "react";
import type { Job, RunDetail } from "../api/types.ts";
import { Empty } from "../parts/notice.tsx";
import { useNow } from "../parts/time.tsx";
import { readSort, writeSort } from "../parts/sort.ts";
import { Glyph } from "../state/glyph.tsx";
import { JobGraph, StepGraph } from "./graph.tsx";
import { nodesOf, stepNodes } from "./graph.ts";
import { jobColumns, Timeline } from "./timeline.tsx";
import { spanOf } from "./span.ts";
import { ownRunName } from "./run-name.ts";

/** The workflows of a run: a strip if there are several, then each with its graph and its jobs over time. */
export function Workflows({ run }: { run: RunDetail }) {
  if (run.workflows.length === 0 && run.jobs.length === 0) {
    return (
      <Empty
        title={
          run.diagnostics.length > 0
            ? "No workflow of this commit could be compiled."
            : "No workflow of this commit matches this event."
        }
      >
        <p>
          {run.diagnostics.length > 0
            ? "Fix the errors above and push again."
            : "Check `on:`, `when:` or `triggers:` in its workflow files."}
        </p>
      </Empty>
    );
  }
  return (
    <>
      {run.workflows.length > 1 && (
        <nav aria-label="Workflows" className="mt-5 flex flex-wrap gap-x-5 gap-y-2 text-sm">
          {run.workflows.map((workflow) => (
            <a
              key={workflow.workflow}
              href={`#${anchor(workflow.workflow)}`}
              className="quiet-link flex items-center gap-2"
            >
              <Glyph state={workflow.status} />
              <span className="max-w-64 truncate">{workflow.name}</span>
            </a>
          ))}
        </nav>
      )}
      {run.workflows.map((workflow) => (
        <Workflow
          key={workflow.workflow}
          run={run}
          workflow={workflow}
          jobs={run.jobs.filter((job) => job.workflow === workflow.workflow)}
        />
      ))}
    </>
  );
}

function anchor(workflow: string): string {
  return `workflow-${workflow.replaceAll(/[^A-Za-z0-9]+/g, "-")}`;
}

function Workflow({
  run,
  workflow,
  jobs,
}: {
  run: RunDetail;
  workflow: RunDetail["workflows"][number];
  jobs: readonly Job[];
}) {
  const nodes = useMemo(() => nodesOf(jobs), [jobs]);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const list = useRef<HTMLDivElement>(null);
  const now = useNow();
  const navigate = useNavigate();
  const sort = readSort(useSearch({ from: "/runs/$run" }).sort, jobColumns);
  const [only] = jobs;
  const steps = useMemo(() => (jobs.length === 1 && only ? stepNodes(only) : []), [jobs.length, only]);
  const path = workflow.path ?? workflow.workflow;
  const runName = ownRunName(run, workflow);
  const hasGraph = nodes.some((node) => node.needs.length > 0);
  const toggle = (id: string): void =>
    setOpen(open.has(id) ? new Set([...open].filter((each) => each !== id)) : new Set([...open, id]));
  const show = (id: string): void => {
    setOpen(new Set([...open, id]));
    list.current
      ?.querySelector(`[data-node="${CSS.escape(id)}"]`)
      ?.scrollIntoView({ block: "start", behavior: "smooth" });
  };
  return (
    <section id={anchor(workflow.workflow)} aria-label={`Workflow ${workflow.name}`} className="mt-8">
      <div className="flex min-h-9 items-center gap-3 border-b border-edge">
        <Glyph state={workflow.status} />
        <h2 className={`truncate text-sm font-semibold ${runName ? "max-w-[60%] shrink-0" : ""}`}>{workflow.name}</h2>
        {runName && (
          <p className="min-w-0 truncate text-sm text-muted" title={runName}>
            {runName}
          </p>
        )}
        <span className="mono truncate text-xs! text-faint max-sm:hidden">{path === workflow.name ? "" : path}</span>
        <span className="ml-auto shrink-0 text-sm text-muted">
          {jobs.length} {jobs.length === 1 ? "job" : "jobs"}
        </span>
      </div>
      {hasGraph && <JobGraph run={run.id} nodes={nodes} onOpen={show} />}
      {!hasGraph && only && steps.length > 0 && <StepGraph run={run.id} job={only.id} nodes={steps} />}
      {jobs.length === 0 && (
        <p className="row-line px-1 py-2 text-sm text-muted">
          {workflow.status === "failure"
            ? "It could not be compiled: see the errors above."
            : "It has no jobs for this event."}
        </p>
      )}
      {jobs.length > 0 && (
        <div ref={list} className={hasGraph || steps.length > 0 ? "border-t border-line" : ""}>
          <Timeline
            label={`Jobs of ${workflow.name}`}
            run={run.id}
            nodes={nodes}
            span={spanOf(run, now)}
            now={now}
            open={open}
            onToggle={toggle}
            sort={sort}
            onSort={(next) =>
              void navigate({
                to: ".",
                search: next ? { sort: writeSort(next) } : {},
                replace: true,
                resetScroll: false,
              })
            }
          />
        </div>
      )}
    </section>
  );
}
