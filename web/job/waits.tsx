import { Link } from "@tanstack/react-router";
import type { Job, RunDetail } from "../api/types.ts";
import { Waits } from "../parts/waits.tsx";
import { isOver } from "../state/state.ts";

/**
 * What a job that has not started waits for, with links: the jobs that must finish first, the run that holds its group,
 * the runners.
 */
export function JobWaits({ run, job }: { run: RunDetail; job: Job }) {
  if (isOver(job.status) || job.startedAt !== undefined || job.waitsFor === undefined) return null;
  const open = run.jobs.filter(
    (each) => each.workflow === job.workflow && job.needs.includes(each.job) && !isOver(each.status),
  );
  // A matrix is listed once, with the cell that finishes first.
  const needed = open.filter((each, index) => open.findIndex((other) => other.job === each.job) === index);
  if (job.wait?.for !== "jobs" || needed.length === 0) return <Waits of={job} />;
  return (
    <>
      waits for{" "}
      {needed.map((each, index) => {
        const cells = open.filter((other) => other.job === each.job).length;
        return (
          <span key={each.id}>
            {index > 0 && ", "}
            <Link to="/runs/$run/jobs/$job" params={{ run: run.id, job: each.id }} className="link">
              {cells === 1 ? each.name : each.job}
            </Link>
            {cells > 1 && ` (${cells} of its jobs)`}
          </span>
        );
      })}
    </>
  );
}
