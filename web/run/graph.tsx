import { Link } from "@tanstack/react-router";
import { writeLink } from "../log/link.ts";
import { Glyph } from "../state/glyph.tsx";
import { jobState, stepState, tones, type State } from "../state/state.ts";
import { GraphView, nodeBox } from "./graph-view.tsx";
import type { JobNode, StepNode } from "./graph.ts";

/** Jobs and their needs. A matrix is one node that opens its cells in the list below. */
export function JobGraph({
  run,
  nodes,
  onOpen,
}: {
  run: string;
  nodes: readonly JobNode[];
  onOpen: (id: string) => void;
}) {
  return (
    <GraphView label="Jobs and their needs" nodes={nodes}>
      {(node) => <JobBox run={run} node={node} onOpen={onOpen} />}
    </GraphView>
  );
}

function JobBox({ run, node, onOpen }: { run: string; node: JobNode; onOpen: (id: string) => void }) {
  const [only] = node.cells;
  if (node.cells.length === 1 && only) {
    return (
      <Link
        to="/runs/$run/jobs/$job"
        params={{ run, job: only.id }}
        className={nodeBox}
        title={only.waitsFor === undefined ? only.name : `${only.name} waits for ${only.waitsFor}`}
      >
        <Glyph state={node.state} />
        <span className="truncate">{only.name}</span>
      </Link>
    );
  }
  return (
    <button type="button" className={nodeBox} onClick={() => onOpen(node.id)} title={`${node.id}: ${tally(node)}`}>
      <Glyph state={node.state} />
      <span className="truncate">{node.id}</span>
      <span className="ml-auto text-xs text-muted">
        {node.cells.filter((cell) => cell.status === "success").length}/{node.cells.length}
      </span>
      <Share node={node} className="absolute inset-x-0 bottom-0 h-[3px]" />
    </button>
  );
}

/** Steps and their needs; each links to its log. */
export function StepGraph({ run, job, nodes }: { run: string; job: string; nodes: readonly StepNode[] }) {
  return (
    <GraphView label="Steps and their needs" nodes={nodes}>
      {({ step }) => (
        <Link
          to="/runs/$run/jobs/$job"
          params={{ run, job }}
          hash={writeLink({ step: step.index })}
          className={nodeBox}
          title={step.reason ?? step.name}
        >
          <Glyph state={stepState(step)} />
          <span className={`truncate ${step.status === "skipped" ? "text-muted" : ""}`}>{step.name}</span>
        </Link>
      )}
    </GraphView>
  );
}

function counts(node: JobNode): Map<State, number> {
  const result = new Map<State, number>();
  for (const state of [
    "failure",
    "lost",
    "allowed",
    "running",
    "queued",
    "waiting",
    "cancelled",
    "skipped",
    "success",
  ] as const) {
    const count = node.cells.filter((cell) => jobState(cell) === state).length;
    if (count > 0) result.set(state, count);
  }
  return result;
}

/** `2 failure, 38 success`. */
export function tally(node: JobNode): string {
  return [...counts(node)].map(([state, count]) => `${count} ${state}`).join(", ");
}

/** A bar showing how many cells of a matrix are in each state; the text is beside it. */
export function Share({ node, className = "" }: { node: JobNode; className?: string }) {
  return (
    <span className={`flex gap-px overflow-hidden rounded-[2px] ${className}`} aria-hidden="true">
      {[...counts(node)].map(([state, count]) => (
        <span
          key={state}
          style={{ flexGrow: count, background: `var(--color-${tones[state]})` }}
          className={tones[state] === "waiting" || tones[state] === "skipped" ? "opacity-40" : ""}
        />
      ))}
    </span>
  );
}
