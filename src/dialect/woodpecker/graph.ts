import { didYouMean } from "../../model/index.ts";
import type { Issue } from "../shape/index.ts";
import type { Container } from "./workflow.ts";

/** Once one step has `depends_on`, all steps form a graph; otherwise they run in order. */
export function isGraph(steps: readonly Container[]): boolean {
  return steps.some((step) => step.dependsOn !== undefined);
}

/** Every step of a stage needs every step of the previous stage: more edges than this is no graph that anyone drew. */
const maxNeeds = 250_000;

/**
 * Checks `depends_on` between steps. `all` are the steps of the file, `steps` those that match the event: needing any
 * other is an error too, unless it is optional. Without an event (`steps` are `all`), steps with the same name count as
 * alternatives if one of them has a `when`.
 */
export function checkGraph(steps: readonly Container[], all: readonly Container[]): readonly Issue[] {
  if (!isGraph(steps)) return [];
  const issues: Issue[] = [];
  const byName = new Map<string, Container>();
  for (const step of steps) {
    const known = byName.get(step.name);
    if (known !== undefined && (steps !== all || known.when.length + step.when.length === 0)) {
      issues.push({
        span: step.span,
        tolerated: false,
        code: "workflow-schema",
        message: `Two steps are called \`${step.name}\`; names must be unique when steps depend on each other.`,
        help: "Give one of them another name.",
      });
    }
    byName.set(step.name, step);
  }
  const names = new Set(all.map((step) => step.name));
  for (const step of steps) {
    for (const { name, optional, span } of step.dependsOn ?? []) {
      if (byName.has(name) || optional) continue;
      const filtered = names.has(name);
      const help = filtered
        ? "Make it optional: `- { name: …, optional: true }`, or give both steps the same `when`."
        : (didYouMean(name, names) ?? `Steps: ${[...names].join(", ")}.`);
      const reason = filtered ? "which does not run for this event" : "which does not exist";
      issues.push({
        span,
        tolerated: false,
        code: "workflow-needs-unknown",
        message: `The step \`${step.name}\` depends on \`${name}\`, ${reason}.`,
        help,
      });
    }
  }
  const circle = findCircle(byName);
  if (circle !== undefined) {
    const [first] = circle;
    const path = circle.map((step) => `\`${step.name}\``).join(" → ");
    issues.push({
      span: first.span,
      tolerated: false,
      code: "workflow-needs-cycle",
      message: `Steps depend on each other in a cycle: ${path}.`,
    });
  }
  const stages = stagesOf(steps);
  const needs = stages.reduce((sum, stage, index) => sum + stage.length * (stages[index - 1]?.length ?? 0), 0);
  const [start] = steps;
  if (needs > maxNeeds && start !== undefined)
    issues.push({
      span: start.span,
      tolerated: false,
      code: "yaml-too-large",
      message: "The step graph has too many dependencies.",
      help: "Move some of the steps into a separate workflow.",
    });
  return issues;
}

/**
 * The stages of an acyclic graph, as in Woodpecker (compiler/dag.go): a stage starts when the whole previous stage has
 * finished, however its steps are connected. So which steps run after a failure never depends on which of two steps was
 * faster. Needs of missing steps are dropped.
 */
export function stagesOf(steps: readonly Container[]): readonly (readonly number[])[] {
  const indexOf = new Map(steps.map(({ name }, index) => [name, index]));
  const dependents = new Map<number, number[]>();
  const waiting = steps.map((step, index) => {
    const needs = new Set((step.dependsOn ?? []).flatMap(({ name }) => indexOf.get(name) ?? []));
    for (const need of needs) {
      const known = dependents.get(need);
      if (known === undefined) dependents.set(need, [index]);
      else known.push(index);
    }
    return needs.size;
  });
  const stages: number[][] = [];
  for (let stage = [...steps.keys()].filter((index) => waiting[index] === 0); stage.length > 0; ) {
    stages.push(stage);
    const next: number[] = [];
    for (const index of stage) {
      for (const dependent of dependents.get(index) ?? []) {
        const left = (waiting[dependent] ?? 0) - 1;
        waiting[dependent] = left;
        if (left === 0) next.push(dependent);
      }
    }
    stage = next.toSorted((a, b) => a - b);
  }
  return stages;
}

/** Repeatedly removes steps whose needs are gone; what is left contains every cycle. */
function findCircle(byName: ReadonlyMap<string, Container>): readonly [Container, ...Container[]] | undefined {
  const left = new Map(
    [...byName].map(([name, step]) => [
      name,
      new Set((step.dependsOn ?? []).map((need) => need.name).filter((need) => byName.has(need))),
    ]),
  );
  const dependents = new Map<string, string[]>();
  for (const [name, needs] of left)
    for (const need of needs) dependents.set(need, [...(dependents.get(need) ?? []), name]);
  const free = [...left].filter(([, needs]) => needs.size === 0).map(([name]) => name);
  for (let name = free.pop(); name !== undefined; name = free.pop()) {
    left.delete(name);
    for (const dependent of dependents.get(name) ?? []) {
      const needs = left.get(dependent);
      needs?.delete(name);
      if (needs?.size === 0) free.push(dependent);
    }
  }
  const [start] = left.keys();
  if (start === undefined) return undefined;
  const path: string[] = [];
  let name: string | undefined = start;
  while (name !== undefined && !path.includes(name)) {
    path.push(name);
    [name] = left.get(name) ?? [];
  }
  const circle = [...path.slice(path.indexOf(name ?? start)), name ?? start]
    .map((each) => byName.get(each))
    .filter((step) => step !== undefined);
  const [first, ...rest] = circle;
  return first === undefined ? undefined : [first, ...rest];
}
