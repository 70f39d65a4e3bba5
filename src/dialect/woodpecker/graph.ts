import { didYouMean, type Issue } from "../shape/index.ts";
import type { Container } from "./workflow.ts";

/** Once one step says what it depends on, all steps form a graph; otherwise they run one after the other. */
export function isGraph(steps: readonly Container[]): boolean {
  return steps.some((step) => step.dependsOn !== undefined);
}

/**
 * What is wrong with `depends_on` between steps. `all` are the steps of the file, `steps` those that the event
 * leaves: to need one of the others is an error too, unless it is optional.
 */
export function checkGraph(steps: readonly Container[], all: readonly Container[]): readonly Issue[] {
  if (!isGraph(steps)) return [];
  const issues: Issue[] = [];
  const byName = new Map<string, Container>();
  for (const step of steps) {
    if (byName.has(step.name)) {
      issues.push({ span: step.span, tolerated: false, code: "workflow-schema", message: `Two steps are called \`${step.name}\`; where steps depend on each other by name, names must differ.`, help: "Give one of them another name." });
    }
    byName.set(step.name, step);
  }
  const names = new Set(all.map((step) => step.name));
  for (const step of steps) {
    for (const { name, optional, span } of step.dependsOn ?? []) {
      if (byName.has(name) || optional) continue;
      const filtered = names.has(name);
      const help = filtered ? "Make it optional: `- { name: …, optional: true }`, or give both steps the same `when`." : (didYouMean(name, names) ?? `Steps: ${[...names].join(", ")}.`);
      const reason = filtered ? "which this event leaves out" : "which does not exist";
      issues.push({ span, tolerated: false, code: "workflow-needs-unknown", message: `The step \`${step.name}\` depends on \`${name}\`, ${reason}.`, help });
    }
  }
  const circle = findCircle(byName);
  if (circle !== undefined) {
    const [first] = circle;
    const path = circle.map((step) => `\`${step.name}\``).join(" → ");
    issues.push({ span: first.span, tolerated: false, code: "workflow-needs-cycle", message: `Steps depend on each other in a circle: ${path}.` });
  }
  return issues;
}

/** Takes away steps whose needs are gone until nothing more goes; what is left contains every circle. */
function findCircle(byName: ReadonlyMap<string, Container>): readonly [Container, ...Container[]] | undefined {
  const left = new Map([...byName].map(([name, step]) => [name, new Set((step.dependsOn ?? []).map((need) => need.name).filter((need) => byName.has(need)))]));
  const dependents = new Map<string, string[]>();
  for (const [name, needs] of left) for (const need of needs) dependents.set(need, [...(dependents.get(need) ?? []), name]);
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
  const circle = [...path.slice(path.indexOf(name ?? start)), name ?? start].map((each) => byName.get(each)).filter((step) => step !== undefined);
  const [first, ...rest] = circle;
  return first === undefined ? undefined : [first, ...rest];
}
