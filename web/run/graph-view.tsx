import { useMemo, useState, type ReactNode } from "react";
import { layOut, type GraphNode, type Placed } from "./graph.ts";

const WIDTH = 196;
const HEIGHT = 36;
const GAP_X = 48;
const GAP_Y = 12;

type Place = Pick<Placed<GraphNode>, "column" | "row">;
const left = (node: Place): number => node.column * (WIDTH + GAP_X);
const top = (node: Place): number => node.row * (HEIGHT + GAP_Y);

/** The look of every node; its content comes from its graph. */
export const nodeBox =
  "relative flex h-full w-full items-center gap-2 overflow-hidden rounded-md border border-edge bg-paper px-2.5 text-left text-sm hover:border-muted hover:bg-raised";

/** Nodes and their dependencies, left to right. */
export function GraphView<Node extends GraphNode>({
  label,
  nodes,
  children,
}: {
  label: string;
  nodes: readonly Node[];
  children: (node: Node) => ReactNode;
}) {
  const graph = useMemo(() => layOut(nodes), [nodes]);
  const [near, setNear] = useState<string>();
  const byId = new Map(graph.nodes.map((node) => [node.id, node]));
  const width = graph.columns * (WIDTH + GAP_X) - GAP_X;
  const height = graph.rows * (HEIGHT + GAP_Y) - GAP_Y;
  return (
    // A graph wider than the page scrolls; its links and buttons take the focus.
    <div className="overflow-x-auto p-1 py-4">
      <div className="relative" style={{ width, height }}>
        <svg width={width} height={height} className="absolute inset-0" aria-hidden="true">
          {graph.edges.map(({ from, to }) => {
            const a = byId.get(from);
            const b = byId.get(to);
            if (!a || !b) return null;
            const strong = near === from || near === to;
            return (
              <path
                key={`${from} ${to}`}
                d={curve(a, b)}
                fill="none"
                stroke={strong ? "var(--color-accent)" : "var(--color-edge)"}
                strokeWidth={strong ? 2 : 1.25}
              />
            );
          })}
        </svg>
        <ol aria-label={label}>
          {graph.nodes.map((node) => (
            // Hovering only highlights the node's edges; the controls are inside.
            // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
            <li
              key={node.id}
              className="absolute"
              style={{ left: left(node), top: top(node), width: WIDTH, height: HEIGHT }}
              onPointerEnter={() => setNear(node.id)}
              onPointerLeave={() => setNear(undefined)}
              onFocus={() => setNear(node.id)}
              onBlur={() => setNear(undefined)}
            >
              {children(node)}
            </li>
          ))}
        </ol>
      </div>
    </div>
  );
}

function curve(a: Place, b: Place): string {
  const x1 = left(a) + WIDTH;
  const y1 = top(a) + HEIGHT / 2;
  const x2 = left(b);
  const y2 = top(b) + HEIGHT / 2;
  // Straight up to the last gap, so that an edge over several columns does not cross the nodes between.
  const bend = x2 - GAP_X;
  return `M${x1} ${y1}H${bend}C${bend + GAP_X / 2} ${y1} ${bend + GAP_X / 2} ${y2} ${x2} ${y2}`;
}
