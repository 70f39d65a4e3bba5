import { Link } from "@tanstack/react-router";
import { useState, type ReactNode } from "react";
import type { RunDetail } from "../api/types.ts";
import { Section } from "../parts/notice.tsx";
import { Glyph, NoticeMark } from "../state/glyph.tsx";
import { jobState } from "../state/state.ts";
import { writeLink } from "../log/link.ts";

const FIRST = 8;
const rank = { error: 0, warning: 1, notice: 2 } as const;
const glyphs = { error: "failure", warning: "allowed" } as const;

/**
 * Problems, before everything else: workflow files that could not be compiled, jobs that ended without a log,
 * annotations.
 */
export function Problems({ run }: { run: RunDetail }) {
  const [all, setAll] = useState(false);
  const names = new Map(run.jobs.map((job) => [job.id, job.name]));
  const before = new Map(run.earlier.map((job) => [job.id, `${job.name}, attempt ${job.attempt}`]));
  // Annotations have no id and are only appended: their index identifies them.
  const annotations = run.annotations
    .map((annotation, key) => ({ ...annotation, key }))
    .toSorted((a, b) => rank[a.level] - rank[b.level]);
  const reasons = run.jobs.filter(
    (job) => job.reason !== undefined && job.status !== "success" && job.status !== "skipped",
  );
  // Annotations of an earlier attempt are history: shown on request.
  const current = annotations.filter((annotation) => !before.has(annotation.job));
  const count = run.diagnostics.length + current.length + reasons.length;
  if (count + annotations.length === 0) return null;
  const shown = all ? annotations : current.slice(0, FIRST);
  return (
    <Section title="Problems" count={count}>
      <ul>
        {run.diagnostics.map((diagnostic) => (
          <li
            key={`${diagnostic.file}:${diagnostic.line}:${diagnostic.column}:${diagnostic.code}`}
            className="row-line flex gap-3 px-1 py-2"
          >
            <Mark level={diagnostic.severity} />
            <div className="min-w-0">
              <p>{marked(diagnostic.message)}</p>
              <p className="mt-0.5 text-sm text-muted">{marked(diagnostic.help)}</p>
              <p className="mono mt-0.5 text-xs! break-all text-faint">
                {diagnostic.file}:{diagnostic.line}:{diagnostic.column} · {diagnostic.code}
              </p>
            </div>
          </li>
        ))}
        {reasons.map((job) => (
          <li key={job.id} className="row-line flex gap-3 px-1 py-2">
            <span className="pt-0.5">
              <Glyph state={jobState(job)} />
            </span>
            <p className="min-w-0 [overflow-wrap:anywhere]">
              <Link to="/runs/$run/jobs/$job" params={{ run: run.id, job: job.id }} className="link">
                {job.name}
              </Link>
              : {job.reason}
            </p>
          </li>
        ))}
        {shown.map((annotation) => (
          <li key={annotation.key} className="row-line flex gap-3 px-1 py-2">
            <Mark level={annotation.level} />
            <div className="min-w-0">
              <p className="whitespace-pre-line [overflow-wrap:anywhere]">
                {annotation.title && <b className="font-semibold">{annotation.title}: </b>}
                {annotation.message}
              </p>
              <p className="mt-0.5 flex flex-wrap gap-x-3 text-xs text-faint *:min-w-0 *:[overflow-wrap:anywhere]">
                <Link
                  to="/runs/$run/jobs/$job"
                  params={{ run: run.id, job: annotation.job }}
                  hash={writeLink({ step: annotation.step })}
                  className="link"
                >
                  {names.get(annotation.job) ?? before.get(annotation.job) ?? "job"}
                </Link>
                {annotation.file && (
                  <span className="mono text-xs! break-all">
                    {annotation.file}
                    {annotation.line !== undefined && `:${annotation.line}`}
                    {annotation.column !== undefined && `:${annotation.column}`}
                  </span>
                )}
              </p>
            </div>
          </li>
        ))}
      </ul>
      {run.leftOut.annotations && (
        <p className="py-2 text-sm text-muted">Only the newest annotations are shown; older ones are in the logs.</p>
      )}
      {annotations.length > Math.min(current.length, FIRST) && (
        <button type="button" className="tool mt-1" aria-expanded={all} onClick={() => setAll(!all)}>
          {all
            ? "show fewer"
            : `show ${annotations.length - Math.min(current.length, FIRST)} more${current.length < annotations.length ? ", from earlier attempts" : ""}`}
        </button>
      )}
    </Section>
  );
}

/** Text between backticks is code. */
function marked(text: string): ReactNode[] {
  const parts: ReactNode[] = [];
  let from = 0;
  for (const { index, 0: whole, 1: code } of text.matchAll(/`([^`]+)`/g)) {
    parts.push(text.slice(from, index), <code key={index}>{code}</code>);
    from = index + whole.length;
  }
  return [...parts, text.slice(from)];
}

function Mark({ level }: { level: keyof typeof rank }) {
  return (
    <span className="pt-0.5" title={level}>
      <span aria-hidden="true">{level === "notice" ? <NoticeMark /> : <Glyph state={glyphs[level]} />}</span>
      <span className="sr-only">{level}</span>
    </span>
  );
}
