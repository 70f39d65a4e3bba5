import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { RequestFailed } from "../api/problem.ts";
import { runQuery } from "../api/queries.ts";
import type { RunDetail } from "../api/types.ts";
import { Empty, Loading, Trouble } from "../parts/notice.tsx";
import { Page } from "../shell/page.tsx";
import { Artifacts } from "./artifacts.tsx";
import { Attempts } from "./attempts.tsx";
import { RunHeader } from "./header.tsx";
import { Problems } from "./problems.tsx";
import { Workflows } from "./workflows.tsx";

const Summaries = lazy(() => import("./summaries.tsx").then((module) => ({ default: module.Summaries })));

/** One run: problems first, then its jobs, then its results. */
export function RunPage() {
  const { run: id } = useParams({ from: "/runs/$run" });
  const query = useQuery(runQuery(id));
  const run = query.data;
  if (query.error instanceof RequestFailed && query.error.status === 404 && !run) return <NoRun id={id} />;
  return (
    <Page
      title="Run"
      tab={run ? `${run.title} · ${run.repository} #${run.number}` : "Run"}
      {...(run && { state: run.status })}
      heading={run ? <RunHeader run={run} /> : <div className="h-24" />}
    >
      {query.error && <Trouble error={query.error} retry={() => void query.refetch()} />}
      {query.isPending && <Loading rows={8} />}
      {run && <Content run={run} />}
    </Page>
  );
}

function Content({ run }: { run: RunDetail }) {
  return (
    <>
      <Problems run={run} />
      <Workflows run={run} />
      <Attempts run={run} />
      <Artifacts run={run} />
      {run.summaries.length > 0 && (
        <Suspense>
          <Summaries run={run} />
        </Suspense>
      )}
    </>
  );
}

function NoRun({ id }: { id: string }) {
  return (
    <Page title="Run not found">
      <Empty title={`There is no run ${id}.`}>
        <p>
          It may have been removed, or its repository may be hidden from you.{" "}
          <Link to="/runs" className="link">
            All runs
          </Link>
        </p>
      </Empty>
    </Page>
  );
}
