import { didYouMean, isJsonObject, type Json } from "../../model/index.ts";
import { entryOf, toJson, type YamlNode } from "../yaml/index.ts";
import type { Values } from "./values.ts";

/** GitHub's limit on the jobs of one matrix. */
const maxJobs = 256;
/** Above this size a matrix is not expanded to apply `exclude`. */
const maxCombinations = 4096;

/** Reports a matrix that is too large whatever its expressions evaluate to. */
export function checkMatrix(values: Values, node: YamlNode): void {
  if (node.kind !== "mapping") return;
  const axes: { readonly key: string; readonly items: readonly YamlNode[] }[] = [];
  let excludes: readonly Json[] = [];
  let included = 0;
  for (const { key, value } of node.entries) {
    if (value.kind !== "sequence") {
      if (key !== "include" && value.kind === "scalar") return;
      continue;
    }
    if (value.items.length === 0 && key !== "include" && key !== "exclude") {
      values.report(value, {
        code: "workflow-matrix",
        message: `The matrix key \`${key}\` has no values, so nothing would run.`,
        help: "Add a value, or remove the key.",
      });
    }
    if (key === "exclude") excludes = value.items.map(toJson);
    else if (key === "include") included = value.items.filter((item) => item.kind === "mapping").length;
    else axes.push({ key, items: value.items });
  }
  checkExcludes(values, node, new Set(axes.map((axis) => axis.key)));
  // Without axes every included combination is its own job.
  const product = axes.reduce((size, axis) => size * axis.items.length, axes.length === 0 ? included : 1);
  if (product <= maxJobs) return;
  if (excludes.length > 0 && product <= maxCombinations) {
    if (axes.some((axis) => axis.items.some(hasExpression)) || JSON.stringify(excludes).includes("${{")) return;
    if (countLeft(axes, excludes) <= maxJobs) return;
  }
  values.report(
    { start: node.start, end: node.start },
    {
      code: "workflow-matrix",
      message: `The matrix creates ${product} jobs; the limit is ${maxJobs}.`,
      help: "Remove values, or split the job.",
    },
  );
}

/** An exclude by a key that the matrix does not have excludes nothing: GitHub rejects it, and so does a run. */
function checkExcludes(values: Values, node: YamlNode, axes: ReadonlySet<string>): void {
  const excludes = entryOf(node, "exclude")?.value;
  if (
    excludes?.kind !== "sequence" ||
    (node.kind === "mapping" && node.entries.some((entry) => entry.key.includes("${{")))
  )
    return;
  for (const entry of excludes.items.flatMap((item) => (item.kind === "mapping" ? item.entries : []))) {
    if (axes.has(entry.key) || entry.key.includes("${{")) continue;
    const help = didYouMean(entry.key, axes);
    values.report(entry.keyNode, {
      code: "workflow-matrix",
      message: `The matrix excludes by \`${entry.key}\`, which is not one of its keys.`,
      ...(help === undefined ? {} : { help }),
    });
  }
}

function countLeft(
  axes: readonly { readonly key: string; readonly items: readonly YamlNode[] }[],
  excludes: readonly Json[],
): number {
  let cells: ReadonlyMap<string, string>[] = [new Map()];
  for (const { key, items } of axes) {
    const texts = items.map((item) => JSON.stringify(toJson(item)));
    cells = cells.flatMap((cell) => texts.map((text) => new Map([...cell, [key, text]])));
  }
  // An exclude removes every cell that has all of its values.
  const wanted = excludes
    .filter(isJsonObject)
    .map((exclude) => Object.entries(exclude).map(([key, value]) => [key, JSON.stringify(value)] as const));
  return cells.filter((cell) => !wanted.some((pairs) => pairs.every(([key, text]) => cell.get(key) === text))).length;
}

function hasExpression(node: YamlNode): boolean {
  return JSON.stringify(toJson(node)).includes("${{");
}
