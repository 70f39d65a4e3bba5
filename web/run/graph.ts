import type { Job, Step } from "../api/types.ts";
import { jobState, together, type State } from "../state/state.ts";

/** Something with dependencies; `needs` are ids of nodes of the same graph. */
export interface GraphNode {
  readonly id: string;
  readonly needs: readonly string[];
}

/** One job of a plan (`id`) with all cells of its matrix (one without a matrix). */
export interface JobNode extends GraphNode {
  readonly cells: readonly Job[];
  readonly state: State;
}

/** One step of a job whose steps form a graph, by index. */
export interface StepNode extends GraphNode {
  readonly step: Step;
}

export type Placed<Node extends GraphNode> = Node & { readonly column: number; readonly row: number };

/** From one node to a later one, by id. */
export interface Edge {
  readonly from: string;
  readonly to: string;
}

export interface Graph<Node extends GraphNode> {
  readonly nodes: readonly Placed<Node>[];
  readonly edges: readonly Edge[];
  readonly columns: number;
  readonly rows: number;
}

/** Merges the cells of each matrix into one node, in plan order. */
export function nodesOf(jobs: readonly Job[]): JobNode[] {
  const byId = new Map<string, Job[]>();
  for (const job of jobs) byId.set(job.job, [...(byId.get(job.job) ?? []), job]);
  return [...byId].map(([id, cells]) => ({
    id,
    cells,
    needs: [...new Set(cells.flatMap((cell) => cell.needs))].filter((need) => need !== id && byId.has(need)),
    state: together(cells.map(jobState)),
  }));
}

/** The steps of a job as nodes if any has dependencies; empty if they are a list. */
export function stepNodes(job: Pick<Job, "steps">): StepNode[] {
  if (!job.steps.some((step) => step.needs !== undefined && step.needs.length > 0)) return [];
  const known = new Set(job.steps.map((step) => step.index));
  return job.steps.map((step) => ({
    id: String(step.index),
    needs: (step.needs ?? []).filter((need) => known.has(need)).map(String),
    step,
  }));
}

/**
 * Places nodes in columns: a node is to the right of everything it needs, in a row near the middle of its needs. Needs
 * implied by others are not drawn. Plans have no cycles; if one appears, its nodes stay where they were first met.
 */
export function layOut<Node extends GraphNode>(nodes: readonly Node[]): Graph<Node> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const column = new Map<string, number>();
  const depth = (id: string, path: ReadonlySet<string>): number => {
    const known = column.get(id);
    if (known !== undefined) return known;
    const needs = (byId.get(id)?.needs ?? []).filter((need) => !path.has(need));
    const value = needs.length === 0 ? 0 : 1 + Math.max(...needs.map((need) => depth(need, new Set([...path, id]))));
    column.set(id, value);
    return value;
  };
  for (const node of nodes) depth(node.id, new Set());

  const row = new Map<string, number>();
  const columns = Math.max(0, ...column.values()) + 1;
  for (let at = 0; at < columns; at += 1) {
    const inColumn = nodes.filter((node) => column.get(node.id) === at);
    const middle = (node: Node): number => {
      const rows = node.needs.map((need) => row.get(need) ?? 0);
      return rows.length === 0 ? nodes.indexOf(node) : rows.reduce((sum, each) => sum + each, 0) / rows.length;
    };
    const ordered = inColumn.map((node) => ({ node, middle: middle(node) })).toSorted((a, b) => a.middle - b.middle);
    // As close to the middle of its needs as the column allows: the first node can move down, later ones follow below
    // it.
    let next = 0;
    for (const [index, { node, middle: wanted }] of ordered.entries()) {
      const place = at === 0 ? index : Math.round(wanted - (ordered.length - 1) / 2);
      row.set(node.id, Math.max(next, place));
      next = (row.get(node.id) ?? 0) + 1;
    }
  }

  return {
    nodes: nodes.map((node) => ({ ...node, column: column.get(node.id) ?? 0, row: row.get(node.id) ?? 0 })),
    edges: edgesOf(byId),
    columns,
    rows: Math.max(0, ...row.values()) + 1,
  };
}

function edgesOf(byId: ReadonlyMap<string, GraphNode>): Edge[] {
  const reach = new Map<string, ReadonlySet<string>>();
  /** Everything a node needs, including indirectly. */
  const all = (id: string): ReadonlySet<string> => {
    const known = reach.get(id);
    if (known) return known;
    reach.set(id, new Set());
    const needs = byId.get(id)?.needs ?? [];
    const result = new Set([...needs, ...needs.flatMap((need) => [...all(need)])]);
    reach.set(id, result);
    return result;
  };
  return [...byId.values()].flatMap((node) =>
    node.needs
      .filter((need) => !node.needs.some((other) => other !== need && all(other).has(need)))
      .map((from) => ({ from, to: node.id })),
  );
}
