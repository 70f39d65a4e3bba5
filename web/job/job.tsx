import { useQuery } from "@tanstack/react-query";
import { Link, useLocation, useNavigate, useParams } from "@tanstack/react-router";
import { useMemo } from "react";
import { RequestFailed } from "../api/problem.ts";
import { runQuery } from "../api/queries.ts";
import type { Job, RunDetail } from "../api/types.ts";
import { readLink, writeLink } from "../log/link.ts";
import { LogViewer } from "../log/viewer.tsx";
import { Empty, Loading, Trouble } from "../parts/notice.tsx";
import { useShortcut } from "../parts/shortcut.ts";
import { Page } from "../shell/page.tsx";
import { isOver, jobState } from "../state/state.ts";
import { useTab } from "../shell/tab.ts";
import { JobBar } from "./bar.tsx";
import { chooseStep } from "./choose.ts";
import { StepList } from "./steps.tsx";

/** One attempt of a job: its steps, and the log of one of them. The address names the step and the lines. */
export function JobPage() {
  const { run: runId, job: jobId } = useParams({ from: "/runs/$run/jobs/$job" });
  const query = useQuery(runQuery(runId));
  const run = query.data;
  const job = run?.jobs.find((each) => each.id === jobId) ?? run?.earlier.find((each) => each.id === jobId);
  if (run && job) return <OpenJob run={run} job={job} />;
  const missing = run !== undefined || (query.error instanceof RequestFailed && query.error.status === 404);
  return (
    <Page title={missing ? "Job not found" : "Job"}>
      {missing ? (
        <Empty title={`This run has no job ${jobId}.`}>
          <Link to="/runs/$run" params={{ run: runId }} className="link">
            Back to the run
          </Link>
        </Empty>
      ) : (
        <>
          {query.error && <Trouble error={query.error} retry={() => void query.refetch()} />}
          {query.isPending && <Loading rows={12} />}
        </>
      )}
    </Page>
  );
}

function OpenJob({ run, job }: { run: RunDetail; job: Job }) {
  useTab(`${job.name} · ${run.repository} #${run.number}`, jobState(job));
  const navigate = useNavigate();
  const hash = useLocation({ select: (location) => location.hash });
  const link = useMemo(() => readLink(hash), [hash]);
  const chosen = chooseStep(job, link?.step);
  const go = (to: Parameters<typeof writeLink>[0]): void => {
    void navigate({ to: ".", hash: writeLink(to), replace: true, resetScroll: false, hashScrollIntoView: false });
  };
  const beside = (by: number): void => {
    const at = job.steps.findIndex((step) => step.index === chosen?.index);
    const next = job.steps[at + by];
    if (next) go({ step: next.index });
  };
  useShortcut("j", () => beside(1));
  useShortcut("k", () => beside(-1));
  const selected = link && chosen && link.step === chosen.index ? link.lines : undefined;
  return (
    <main id="main" tabIndex={-1} data-full className="flex h-[calc(100dvh-var(--top)-1px)] min-h-96 flex-col">
      <JobBar run={run} job={job} />
      <div className="flex min-h-0 flex-1 max-md:flex-col">
        <StepList job={job} chosen={chosen?.index} onChoose={(step) => go({ step })} />
        {chosen ? (
          <LogViewer
            key={`${job.id} ${chosen.index}`}
            job={job.id}
            step={chosen}
            selected={selected}
            onSelect={(lines) => go({ step: chosen.index, lines })}
          />
        ) : (
          <div className="px-4">
            <Empty
              title={isOver(job.status) ? `This job is ${job.status}: it had no steps.` : "This job has no steps yet."}
            />
          </div>
        )}
      </div>
    </main>
  );
}
