import { hasErrors, type Diagnostic } from "../model/index.ts";
import type { Compilation, WorkflowFile } from "./port.ts";
import { makeDiagnostic } from "./yaml/document.ts";

/**
 * Checks what the workflows of one commit need of each other, and skips those whose needs are not met. Needing a
 * workflow that does not exist is only a warning, because the others still run, as in Woodpecker; needing one that this
 * event does not start is not reported. In both cases the workflow that needs it is not part of the run.
 */
export function checkWorkflowNeeds(
  files: readonly WorkflowFile[],
  compilations: readonly Compilation[],
): readonly Compilation[] {
  const known = new Set([
    ...files.flatMap((file) => [file.path, stemOf(file.path)]),
    ...compilations.flatMap((each) => each.plan?.workflow ?? []),
  ]);
  const needs = new Map(
    compilations.flatMap(({ plan }) =>
      plan === undefined ? [] : [[plan.workflow, plan.needs.map((need) => need.workflow)] as const],
    ),
  );
  const inCircles = circlesOf(needs);
  const checked = compilations.map((compilation) => {
    const { file, plan } = compilation;
    if (plan === undefined) return compilation;
    const unknown = plan.needs.filter((need) => need.required && !known.has(need.workflow));
    const found: Diagnostic[] = unknown.map((need) =>
      makeDiagnostic(file, firstLine, {
        code: "workflow-needs-unknown",
        severity: "warning",
        message: `The workflow needs \`${need.workflow}\`, which does not exist: it is skipped.`,
      }),
    );
    if (inCircles.has(plan.workflow))
      found.push(
        makeDiagnostic(file, firstLine, {
          code: "workflow-needs-cycle",
          message: "The workflow is part of a cycle of workflows that need each other.",
        }),
      );
    if (found.length === 0) return compilation;
    const diagnostics = [...compilation.diagnostics, ...found];
    return hasErrors(diagnostics) ? { file, diagnostics } : { ...compilation, diagnostics };
  });
  return withoutUnmet(checked);
}

/** Repeatedly skips what needs a missing workflow; an optional need is dropped instead. */
function withoutUnmet(compilations: readonly Compilation[]): readonly Compilation[] {
  const present = new Set(compilations.flatMap(({ plan }) => plan?.workflow ?? []));
  let left = compilations;
  for (let before = -1; before !== present.size; ) {
    before = present.size;
    left = left.map((compilation) => {
      const unmet = compilation.plan?.needs.find((need) => need.required && !present.has(need.workflow));
      if (unmet === undefined) return compilation;
      const { file, diagnostics } = compilation;
      return { file, diagnostics, skipped: `it needs \`${unmet.workflow}\`, which is not part of this run` };
    });
    present.clear();
    for (const { plan } of left) if (plan !== undefined) present.add(plan.workflow);
  }
  return left.map((each) =>
    each.plan === undefined
      ? each
      : { ...each, plan: { ...each.plan, needs: each.plan.needs.filter((need) => present.has(need.workflow)) } },
  );
}

/** Plans do not keep the place of a need between workflows. */
const firstLine = { line: 1, column: 1, endLine: 1, endColumn: 1 };

/**
 * The workflows in cycles: what is left after repeatedly removing those that wait for nothing, and then those that
 * nothing waits for.
 */
function circlesOf(needs: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const waiting = withoutEnds(needs);
  const neededBy = new Map<string, string[]>([...waiting.keys()].map((name) => [name, []]));
  for (const [name, list] of waiting) for (const need of list) neededBy.get(need)?.push(name);
  return new Set(withoutEnds(neededBy).keys());
}

/** Repeatedly removes every node without an edge to a remaining node. */
function withoutEnds(edges: ReadonlyMap<string, readonly string[]>): ReadonlyMap<string, readonly string[]> {
  const left = new Map([...edges].map(([name, list]) => [name, new Set(list.filter((each) => edges.has(each)))]));
  const pointedFrom = new Map<string, string[]>();
  for (const [name, list] of left)
    for (const each of list) {
      const from = pointedFrom.get(each);
      if (from === undefined) pointedFrom.set(each, [name]);
      else from.push(name);
    }
  const ends = [...left].filter(([, list]) => list.size === 0).map(([name]) => name);
  for (let end = ends.pop(); end !== undefined; end = ends.pop()) {
    left.delete(end);
    for (const name of pointedFrom.get(end) ?? []) {
      const list = left.get(name);
      if (list?.delete(end) === true && list.size === 0) ends.push(name);
    }
  }
  return new Map([...left].map(([name, list]) => [name, [...list]]));
}

function stemOf(path: string): string {
  return path.replace(/^.*\//s, "").replace(/\.ya?ml$/, "");
}
