import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { api } from "../api/client.ts";
import { keys, sessionQuery } from "../api/queries.ts";
import type { Job, RunDetail } from "../api/types.ts";
import { Trouble } from "../parts/notice.tsx";
import { Took } from "../parts/time.tsx";
import { Glyph } from "../state/glyph.tsx";
import { isOver, jobState } from "../state/state.ts";
import { JobWaits } from "./waits.tsx";

/** Above the steps: where this job is, its state, its other attempts, and links to its sibling jobs. */
export function JobBar({ run, job }: { run: RunDetail; job: Job }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const viewer = useQuery(sessionQuery).data?.role === "viewer";
  const cancel = useMutation({
    mutationFn: () => api.cancelJob(job.id),
    onSettled: () => client.invalidateQueries({ queryKey: keys.run(run.id) }),
  });
  const attempts = [...run.jobs, ...run.earlier]
    .filter((each) => each.key === job.key && each.workflow === job.workflow)
    .toSorted((a, b) => a.attempt - b.attempt);
  const state = jobState(job);
  const siblings = run.jobs.length > 1;
  const newest = attempts.at(-1);
  return (
    <header className="border-b border-line px-3 py-1.5 md:px-5">
      <p className="truncate text-xs text-muted">
        <Link to="/runs" search={{ repository: run.repository }} className="quiet-link py-1">
          {run.repository}
        </Link>
        <span className="text-faint"> / </span>
        <Link to="/runs/$run" params={{ run: run.id }} className="quiet-link py-1">
          run {run.number} · {run.title}
        </Link>
      </p>
      <div className="flex min-h-8 flex-wrap items-center gap-x-3 gap-y-1 max-md:mt-1">
        <Glyph state={state} />
        {/* On a phone the field that leads to the other jobs names this one too. */}
        <h1 className={`min-w-0 truncate font-semibold ${siblings ? "max-md:sr-only" : ""}`} title={job.name}>
          {job.name}
        </h1>
        <p className="flex min-w-0 items-center gap-x-4 text-sm text-muted max-md:order-1">
          <span className={siblings ? "max-md:sr-only" : ""}>{state}</span>
          <Took from={job.startedAt} to={job.finishedAt} />
          {job.runner && (
            <Link to="/runners" className="quiet-link truncate py-0.5 max-md:hidden">
              on {job.runner}
            </Link>
          )}
        </p>
        {attempts.length > 1 && <Attempts run={run} attempts={attempts} />}
        {siblings && (
          <select
            className="field w-64 max-md:w-0 max-md:min-w-24 max-md:flex-1 md:ml-auto"
            aria-label="Job"
            value={newest?.id ?? job.id}
            onChange={(event) =>
              void navigate({ to: "/runs/$run/jobs/$job", params: { run: run.id, job: event.target.value } })
            }
          >
            {run.jobs.map((each) => (
              <option key={each.id} value={each.id}>
                {each.name} ({jobState(each)})
              </option>
            ))}
          </select>
        )}
        {!isOver(job.status) && (
          <button
            type="button"
            className={`button button-danger max-md:order-2 ${siblings ? "" : "ml-auto"}`}
            disabled={viewer || cancel.isPending}
            title={viewer ? "Your token is read-only." : undefined}
            onClick={() => cancel.mutate()}
          >
            {cancel.isPending ? "Cancelling" : "Cancel"}
            <span className="max-md:sr-only">job</span>
          </button>
        )}
      </div>
      {!isOver(job.status) && job.waitsFor !== undefined && job.startedAt === undefined && (
        <p className="pb-1 text-sm [overflow-wrap:anywhere] text-muted">
          <JobWaits run={run} job={job} />
        </p>
      )}
      {job.reason && <p className="pb-1 text-sm [overflow-wrap:anywhere] text-muted">{job.reason}</p>}
      {cancel.error && <Trouble error={cancel.error} />}
    </header>
  );
}

/** The attempts of the job, side by side; each has its own log. */
function Attempts({ run, attempts }: { run: RunDetail; attempts: readonly Job[] }) {
  return (
    <nav aria-label="Attempts" className="flex items-center gap-1 text-sm text-muted max-md:order-3 max-md:basis-full">
      <span className="max-sm:hidden">attempt</span>
      {attempts.map((each) => (
        <Link
          key={each.id}
          to="/runs/$run/jobs/$job"
          params={{ run: run.id, job: each.id }}
          hash=""
          className="tool aria-[current=page]:bg-raised aria-[current=page]:text-ink aria-[current=page]:shadow-[inset_0_-2px_0_var(--color-accent)]"
        >
          <Glyph state={jobState(each)} size={12} /> {each.attempt}
        </Link>
      ))}
    </nav>
  );
}
