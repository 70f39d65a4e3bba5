import { useQuery } from "@tanstack/react-query";
import { runnersQuery } from "../api/queries.ts";
import type { RunnerView } from "../api/types.ts";
import { Command, Copy } from "../parts/copy.tsx";
import { Empty } from "../parts/notice.tsx";
import type { SortKey } from "../parts/sort.ts";
import type { Column } from "../parts/table.tsx";
import { Ago } from "../parts/time.tsx";
import { ListPage } from "../shell/list-page.tsx";
import { Glyph } from "../state/glyph.tsx";

type Order = "state" | "name" | "busy" | "seen";

const columns: readonly Column<Order>[] = [
  { title: "State", sort: "state" },
  { title: "Runner", sort: "name" },
  { title: "Labels" },
  { title: "Busy", sort: "busy", downFirst: true },
  { title: "Last seen", sort: "seen", downFirst: true, end: true },
];

const words = { running: "busy", success: "ready", cancelled: "offline" } as const;
const stateOf = (runner: RunnerView): keyof typeof words =>
  !runner.online ? "cancelled" : runner.busy > 0 ? "running" : "success";

const sortKeys: Readonly<Record<Order, (runner: RunnerView) => SortKey>> = {
  state: (runner) => words[stateOf(runner)],
  name: ({ name }) => name,
  busy: ({ busy }) => busy,
  seen: ({ online, lastSeenAt }) => (online ? Infinity : Date.parse(lastSeenAt)),
};

const grid =
  "grid min-h-9 grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-1 px-1 py-1.5 text-sm md:grid-cols-[88px_minmax(0,2fr)_minmax(0,5fr)_112px_80px]";

/** Which runners there are, what they offer, and how busy they are. */
export function RunnersPage() {
  const runners = useQuery(runnersQuery);
  return (
    <ListPage
      title="Runners"
      path="/runners"
      query={runners}
      items={runners.data}
      columns={columns}
      sortKeys={sortKeys}
      grid={grid}
      room={3}
      empty={<Empty title="No runners yet.">Jobs wait until one registers.</Empty>}
      renderRow={(runner) => <Row key={runner.id} runner={runner} />}
    >
      {runners.data && (
        <section aria-label="Add a runner" className="mt-8 max-w-2xl space-y-3 text-sm text-muted">
          <h2 className="text-sm font-semibold text-ink">Add a runner</h2>
          <p>
            Start one on any machine that can reach this server, with a token that has the role runner. A job goes to a
            runner that has all of its labels.
          </p>
          <Command>{`sluice runner --server ${window.location.origin} --token TOKEN --labels linux`}</Command>
        </section>
      )}
    </ListPage>
  );
}

function Row({ runner }: { runner: RunnerView }) {
  const state = stateOf(runner);
  return (
    <tr className={`${grid} row-line`}>
      <td className="flex items-center gap-2 max-md:order-2" style={{ color: `var(--color-${state})` }}>
        <span aria-hidden="true" className="flex">
          <Glyph state={state} />
        </span>
        {words[state]}
      </td>
      <td className="flex min-w-0">
        <Copy text={runner.id} label="Runner id" className="min-w-0 truncate font-sans! text-base! font-medium">
          {runner.name}
        </Copy>
      </td>
      <td className="mono flex min-w-0 flex-wrap gap-x-3 text-xs! break-all text-muted max-md:order-3 max-md:col-span-2">
        {runner.labels.map((label) => (
          <span key={label}>{label}</span>
        ))}
      </td>
      <td className="flex items-center gap-2 whitespace-nowrap text-muted max-md:order-4">
        <span className="flex gap-0.5" aria-hidden="true">
          {Array.from({ length: Math.min(runner.capacity, 16) }, (_, slot) => (
            <span key={slot} className={`h-3 w-1.5 rounded-[1px] ${slot < runner.busy ? "bg-running" : "bg-line"}`} />
          ))}
        </span>
        {runner.busy} of {runner.capacity}
      </td>
      <td className="text-right whitespace-nowrap text-muted max-md:order-5">
        {runner.online ? "now" : <Ago at={runner.lastSeenAt} />}
      </td>
    </tr>
  );
}
