import { Link } from "@tanstack/react-router";
import type { Job, RunDetail } from "../api/types.ts";
import { Section } from "../parts/notice.tsx";
import { Took } from "../parts/time.tsx";
import { Glyph } from "../state/glyph.tsx";
import { jobState } from "../state/state.ts";

/** Jobs with several attempts, side by side. */
export function Attempts({ run }: { run: RunDetail }) {
  if (run.earlier.length === 0) return null;
  const byKey = new Map<string, Job[]>();
  for (const job of [...run.jobs, ...run.earlier]) {
    const key = `${job.workflow}\n${job.key}`;
    byKey.set(key, [...(byKey.get(key) ?? []), job]);
  }
  const rows = [...byKey.values()].filter((jobs) => jobs.length > 1);
  const most = Math.max(...run.jobs.map((job) => job.attempt), ...run.earlier.map((job) => job.attempt));
  const numbers = Array.from({ length: most }, (_, index) => index + 1);
  return (
    <Section title="Attempts" count={most}>
      <div className="overflow-x-auto">
        <table className="min-w-max border-collapse text-sm [&_:is(td,th)]:min-w-44">
          <thead>
            <tr className="row-line text-left text-xs text-muted">
              <th scope="col" className="h-8 px-1 font-normal">
                Job
              </th>
              {numbers.map((number) => (
                <th key={number} scope="col" className="px-3 font-normal">
                  {number === most ? `${number} (latest)` : number}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((jobs) => (
              <tr key={jobs[0]?.id} className="row-line">
                <th scope="row" className="h-9 max-w-72 truncate px-1 text-left font-normal">
                  {jobs[0]?.name}
                </th>
                {numbers.map((number) => {
                  const job = jobs.find((each) => each.attempt === number);
                  return (
                    <td key={number} className="px-3">
                      {job ? (
                        <Link
                          to="/runs/$run/jobs/$job"
                          params={{ run: run.id, job: job.id }}
                          className="quiet-link inline-flex items-center gap-3"
                        >
                          <Glyph state={jobState(job)} word />
                          <span className="text-muted">
                            <Took from={job.startedAt} to={job.finishedAt} />
                          </span>
                        </Link>
                      ) : (
                        <span className="text-faint">not run</span>
                      )}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}
