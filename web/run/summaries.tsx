import type { RunDetail } from "../api/types.ts";
import { Section } from "../parts/notice.tsx";
import { toHtml } from "./markdown.ts";
import "./summaries.css";

/** What steps wrote for people to read. */
export function Summaries({ run }: { run: RunDetail }) {
  const jobs = new Map([...run.jobs, ...run.earlier].map((job) => [job.id, job]));
  return (
    <Section title="Summaries">
      {run.summaries.map((summary) => (
        <article key={`${summary.job} ${summary.step}`} className="row-line py-4">
          <p className="text-xs text-faint">
            {jobs.get(summary.job)?.name}
            {" / "}
            {jobs.get(summary.job)?.steps.find((step) => step.index === summary.step)?.name}
          </p>
          {/* Safe by construction: see markdown.ts and its tests. */}
          {/* oxlint-disable-next-line react/no-danger */}
          <div className="summary" dangerouslySetInnerHTML={{ __html: toHtml(summary.markdown) }} />
        </article>
      ))}
      {run.leftOut.summaries && (
        <p className="py-2 text-sm text-muted">Only the newest summaries are shown; there are too many for one page.</p>
      )}
    </Section>
  );
}
