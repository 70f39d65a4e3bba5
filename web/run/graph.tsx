import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { Glyph } from "../state/glyph.tsx";
import { tones, type State } from "../state/state.ts";
import { layOut, type JobNode, type PlacedNode } from "./graph.ts";

const WIDTH = 196;
const HEIGHT = 36;
const GAP_X = 48;
const GAP_Y = 12;

const left = (node: PlacedNode): number => node.column * (WIDTH + GAP_X);
const top = (node: PlacedNode): number => node.row * (HEIGHT + GAP_Y);

/** Jobs and what they need, left to right. A matrix is one node that opens its cells in the list below. */
export function JobGraph({ run, nodes, onOpen }: { run: string; nodes: readonly JobNode[]; onOpen: (id: string) => void }) {
  const graph = useMemo(() => layOut(nodes), [nodes]);
  const [near, setNear] = useState<string>();
  const byId = new Map(graph.nodes.map((node) => [node.id, node]));
  const width = graph.columns * (WIDTH + GAP_X) - GAP_X;
  const height = graph.rows * (HEIGHT + GAP_Y) - GAP_Y;
  return (
    <div className="overflow-x-auto p-1 py-4">
      <div className="relative" style={{ width, height }}>
        <svg width={width} height={height} className="absolute inset-0" aria-hidden="true">
          {graph.edges.map(({ from, to }) => {
            const a = byId.get(from);
            const b = byId.get(to);
            if (!a || !b) return null;
            const strong = near === from || near === to;
            return <path key={`${from} ${to}`} d={curve(a, b)} fill="none" stroke={strong ? "var(--color-accent)" : "var(--color-edge)"} strokeWidth={strong ? 2 : 1.25} />;
          })}
        </svg>
        <ol>
          {graph.nodes.map((node) => (
            <li key={node.id} className="absolute" style={{ left: left(node), top: top(node), width: WIDTH, height: HEIGHT }} onPointerEnter={() => setNear(node.id)} onPointerLeave={() => setNear(undefined)}>
              <Node run={run} node={node} onOpen={onOpen} />
            </li>
          ))}
        </ol>
      </div>
    </div>
  );
}

function curve(a: PlacedNode, b: PlacedNode): string {
  const x1 = left(a) + WIDTH;
  const y1 = top(a) + HEIGHT / 2;
  const x2 = left(b);
  const y2 = top(b) + HEIGHT / 2;
  // Straight as far as the last gap, so that an edge over several columns does not cross what stands between.
  const bend = x2 - GAP_X;
  return `M${x1} ${y1}H${bend}C${bend + GAP_X / 2} ${y1} ${bend + GAP_X / 2} ${y2} ${x2} ${y2}`;
}

const box = "flex h-full w-full items-center gap-2 rounded-md border border-edge bg-paper px-2.5 text-left text-sm hover:border-muted hover:bg-raised";

function Node({ run, node, onOpen }: { run: string; node: JobNode; onOpen: (id: string) => void }) {
  const [only] = node.cells;
  if (node.cells.length === 1 && only) {
    return (
      <Link to="/runs/$run/jobs/$job" params={{ run, job: only.id }} className={box} title={only.name}>
        <Glyph state={node.state} />
        <span className="truncate">{only.name}</span>
      </Link>
    );
  }
  return (
    <button type="button" className={`${box} relative`} onClick={() => onOpen(node.id)} title={`${node.id}: ${tally(node)}`}>
      <Glyph state={node.state} />
      <span className="truncate">{node.id}</span>
      <span className="ml-auto text-xs text-muted">
        {node.cells.filter((cell) => cell.status === "success").length}/{node.cells.length}
      </span>
      <Share node={node} className="absolute inset-x-0 bottom-0 h-[3px]" />
    </button>
  );
}

function counts(node: JobNode): Map<State, number> {
  const result = new Map<State, number>();
  for (const state of ["failure", "lost", "running", "queued", "waiting", "cancelled", "skipped", "success"] as const) {
    const count = node.cells.filter((cell) => cell.status === state).length;
    if (count > 0) result.set(state, count);
  }
  return result;
}

/** `2 failure, 38 success`. */
export function tally(node: JobNode): string {
  return [...counts(node)].map(([state, count]) => `${count} ${state}`).join(", ");
}

/** A bar that shows how many cells of a matrix are in which state; the words stand beside it. */
export function Share({ node, className = "" }: { node: JobNode; className?: string }) {
  return (
    <span className={`flex gap-px overflow-hidden rounded-sm ${className}`} aria-hidden="true">
      {[...counts(node)].map(([state, count]) => (
        <span key={state} style={{ flexGrow: count, background: `var(--color-${tones[state]})` }} className={tones[state] === "waiting" || tones[state] === "skipped" ? "opacity-40" : ""} />
      ))}
    </span>
  );
}
