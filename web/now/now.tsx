import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { nowQuery, runsQuery } from "../api/queries.ts";
import type { Now, Run } from "../api/types.ts";
import { Loading, Section, Trouble } from "../parts/notice.tsx";
import { Ago } from "../parts/time.tsx";
import { PushHint } from "../repositories/push-hint.tsx";
import { RunTable } from "../runs/run-table.tsx";
import { Page } from "../shell/page.tsx";
import type { State } from "../state/state.ts";

/** What is running, what waits and why, what failed recently. */
export function NowPage() {
  const now = useQuery(nowQuery);
  const { data } = now;
  const state = data && stateOf(data);
  return (
    <Page title="Now" tab={data ? tabTitle(data) : "Now"} {...(state && { state })}>
      {now.error && <Trouble error={now.error} retry={() => void now.refetch()} />}
      {now.isPending && <Loading rows={10} />}
      {data && <Board now={data} />}
    </Page>
  );
}

function tabTitle(now: Now): string {
  return now.running.length > 0 ? `${now.running.length} running` : "Now";
}

function stateOf(now: Now): State | undefined {
  if (now.running.length > 0) return "running";
  if (now.waiting.length > 0) return "waiting";
  return now.failed.length > 0 ? "failure" : undefined;
}

function Board({ now }: { now: Now }) {
  const online = now.runners.filter((runner) => runner.online);
  const capacity = online.reduce((sum, runner) => sum + runner.capacity, 0);
  const busy = online.reduce((sum, runner) => sum + runner.busy, 0);
  return (
    <>
      <dl className="grid grid-cols-2 border-y border-edge md:grid-cols-4">
        <Reading
          label="running"
          value={now.running.length}
          tone="running"
          note={<OfRun what="oldest" none="nothing is running" run={now.running.at(-1)} />}
        />
        <Reading
          label="waiting"
          value={now.waiting.length}
          tone="waiting"
          note={
            now.queuedJobs === 0 ? (
              "no job is waiting"
            ) : (
              <Link to="/runners" className="link">
                {now.queuedJobs} {now.queuedJobs === 1 ? "job" : "jobs"} for a runner
              </Link>
            )
          }
        />
        <Reading
          label="failed recently"
          value={now.failed.length}
          tone="failure"
          note={<OfRun what="last" none="all good" run={now.failed[0]} />}
        />
        <Reading
          label={`of ${capacity} slots busy`}
          value={busy}
          tone="ink"
          note={
            <Link to="/runners" className="link">
              runners: {online.length} of {now.runners.length} online
            </Link>
          }
        />
      </dl>
      {now.notices.map((notice) => (
        <div key={notice.code} role="alert" className="mt-4 border-l-2 border-failure py-1 pl-3 text-sm">
          <p className="font-medium">
            {notice.message}{" "}
            <span className="font-normal text-muted">
              Since <Ago at={notice.since} />.
            </span>
          </p>
          <p className="text-muted">{notice.help}</p>
        </div>
      ))}
      {online.length === 0 && (
        <output className="mt-4 block border-l-2 border-allowed py-1 pl-3 text-sm">
          No runner is online, so no job can start.{" "}
          <Link to="/runners" className="link">
            How to start one
          </Link>
        </output>
      )}
      <Runs title="Running" runs={now.running} />
      <Runs title="Waiting" runs={now.waiting} />
      <Runs title="Failed recently" runs={now.failed} />
      {now.running.length + now.waiting.length + now.failed.length === 0 && <Quiet />}
    </>
  );
}

/** The run that best explains the number. */
function OfRun({ what, none, run }: { what: string; none: string; run: Run | undefined }) {
  if (!run) return <>{none}</>;
  return (
    <>
      {what}:{" "}
      <Link to="/runs/$run" params={{ run: run.id }} className="link" title={run.title}>
        {run.repository} #{run.number}
      </Link>
    </>
  );
}

function Reading({ label, value, tone, note }: { label: string; value: number; tone: string; note: ReactNode }) {
  return (
    <div className="flex min-w-0 flex-col border-line px-3 py-3 not-first:border-l max-md:nth-[3]:border-l-0 max-md:nth-[n+3]:border-t md:px-4 md:first:pl-1">
      <dt className="order-2 truncate text-sm">{label}</dt>
      <dd
        className="text-xl leading-8 font-semibold tracking-tight"
        style={{ color: value > 0 ? `var(--color-${tone})` : "var(--color-faint)" }}
      >
        {value}
      </dd>
      <dd className="order-3 truncate text-xs text-muted">{note}</dd>
    </div>
  );
}

function Runs({ title, runs }: { title: string; runs: readonly Run[] }) {
  if (runs.length === 0) return null;
  return (
    <Section title={title} count={runs.length}>
      <RunTable label={title} runs={runs} />
    </Section>
  );
}

/** If nothing runs, waits or fails: the latest runs, or how to start the first. */
function Quiet() {
  const runs = useInfiniteQuery(runsQuery({}));
  const list = runs.data?.pages[0]?.runs ?? [];
  if (runs.data && list.length === 0) return <PushHint title="Nothing has run yet." />;
  if (list.length === 0) return null;
  return (
    <Section
      title="Recent runs"
      aside={
        <Link to="/runs" className="link text-sm">
          all runs
        </Link>
      }
    >
      <RunTable label="Recent runs" runs={list.slice(0, 15)} />
    </Section>
  );
}
