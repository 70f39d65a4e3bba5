import { textOf, unknownText, type Issue } from "../shape/index.ts";
import { entryOf, type YamlDocument, type YamlNode } from "../yaml/index.ts";
import type { TextMap } from "./text-map.ts";

/** One combination: values by name. */
export type Cell = ReadonlyMap<string, string>;

export interface Matrix {
  /** At least one; without a matrix a single empty one. */
  readonly cells: readonly Cell[];
  /** Every name that any cell sets. */
  readonly names: ReadonlySet<string>;
  readonly issues: readonly Issue[];
}

const maxCells = 256;

/**
 * The combinations of a file's `matrix`: those listed under `include`, otherwise every combination of the lists, names
 * in alphabetical order, the last one varying fastest. Read before variables are substituted, as in Woodpecker.
 */
export function readMatrix(document: YamlDocument, original: string, map: TextMap): Matrix {
  const entry = entryOf(document.root, "matrix");
  const text = (node: YamlNode): string => {
    const value = textOf(node);
    if (!value.includes(unknownText)) return value;
    const { start, end } = map.originalSpan(node);
    return original.slice(start, end).replace(/^(["'])(.*)\1$/s, "$2");
  };
  if (entry?.value.kind !== "mapping") return { cells: [new Map()], names: new Set(), issues: [] };
  const listed = included(entry.value, text);
  const axes = listed.length > 0 ? [] : axesOf(entry.value, text);
  const count = listed.length > 0 ? listed.length : axes.reduce((product, [, values]) => product * values.length, 1);
  const names = new Set([...listed.flatMap((cell) => [...cell.keys()]), ...axes.map(([name]) => name)]);
  if (count > maxCells) {
    const message = `The matrix has ${count} combinations; the limit is ${maxCells}.`;
    return { cells: [], names, issues: [{ span: entry.keyNode, tolerated: false, code: "workflow-matrix", message }] };
  }
  let cells: readonly Cell[] = [new Map()];
  for (const [name, values] of axes)
    cells = cells.flatMap((cell) => values.map((value) => new Map([...cell, [name, value]])));
  return { cells: listed.length > 0 ? listed : cells, names, issues: [] };
}

function included(matrix: YamlNode, text: (node: YamlNode) => string): readonly Cell[] {
  const include = entryOf(matrix, "include")?.value;
  if (include?.kind !== "sequence") return [];
  return include.items.map(
    (item) => new Map(item.kind === "mapping" ? item.entries.map(({ key, value }) => [key, text(value)]) : []),
  );
}

function axesOf(matrix: YamlNode, text: (node: YamlNode) => string): readonly (readonly [string, readonly string[]])[] {
  if (matrix.kind !== "mapping") return [];
  const axes = matrix.entries.flatMap(({ key, value }): [string, string[]][] =>
    value.kind === "sequence" && value.items.length > 0 ? [[key, value.items.map(text)]] : [],
  );
  return axes.toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** What distinguishes the cell from the others, as in `build (1.24, mysql)`; empty for a file without a matrix. */
export function cellName(cell: Cell): string {
  return cell.size === 0
    ? ""
    : ` (${[...cell]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([, value]) => value)
        .join(", ")})`;
}
