import { useQuery } from "@tanstack/react-query";
import { runnersQuery } from "../api/queries.ts";
import type { RunnerView } from "../api/types.ts";
import { Command, Copy } from "../parts/copy.tsx";
import { Empty, Loading, Trouble } from "../parts/notice.tsx";
import { Ago } from "../parts/time.tsx";
import { Page } from "../shell/page.tsx";
import { Glyph } from "../state/glyph.tsx";

/** Who can take jobs, what with, and how busy they are. */
export function RunnersPage() {
  const runners = useQuery(runnersQuery);
  return (
    <Page title="Runners">
      {runners.error && <Trouble error={runners.error} retry={() => void runners.refetch()} />}
      {runners.isPending && <Loading rows={3} />}
      {runners.data?.length === 0 && (
        <Empty title="No runner has registered yet.">
          <p>Jobs wait until one does. Start one on any machine that reaches this server:</p>
          <Command>{`sluice runner --server ${window.location.origin} --token TOKEN --labels linux`}</Command>
        </Empty>
      )}
      {runners.data && runners.data.length > 0 && (
        <ul className="border-t border-edge">
          {runners.data.map((runner) => (
            <Row key={runner.id} runner={runner} />
          ))}
        </ul>
      )}
    </Page>
  );
}

function Row({ runner }: { runner: RunnerView }) {
  const state = runner.online ? (runner.busy > 0 ? "running" : "success") : "cancelled";
  const word = runner.online ? (runner.busy > 0 ? "busy" : "ready") : "offline";
  return (
    <li className="row-line grid min-h-9 grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-1 px-1 py-1.5 text-sm md:grid-cols-[88px_minmax(0,2fr)_minmax(0,3fr)_208px_80px]">
      <span className="flex items-center gap-2 max-md:order-2" style={{ color: `var(--color-${state})` }}>
        <span aria-hidden="true" className="flex">
          <Glyph state={state} />
        </span>
        {word}
      </span>
      <Copy text={runner.id} label="Runner id" className="min-w-0 truncate font-sans! text-base! font-medium">
        {runner.name}
      </Copy>
      <span className="mono truncate text-xs! text-muted max-md:order-3" title={runner.labels.join(", ")}>
        {runner.labels.join("  ")}
      </span>
      <span className="flex items-center gap-2 whitespace-nowrap text-muted max-md:order-4 max-md:justify-end">
        <span className="flex gap-0.5" aria-hidden="true">
          {Array.from({ length: Math.min(runner.capacity, 16) }, (_, slot) => (
            <span key={slot} className={`h-3 w-1.5 rounded-[1px] ${slot < runner.busy ? "bg-running" : "bg-line"}`} />
          ))}
        </span>
        {runner.busy} of {runner.capacity}
      </span>
      <span className="text-right text-muted max-md:order-5 max-md:text-left" title="Last heard of">
        {/* Of one that is online there is nothing to tell: it was heard of a moment ago. */}
        {runner.online ? <span className="sr-only">online</span> : <Ago at={runner.lastSeenAt} />}
      </span>
    </li>
  );
}
