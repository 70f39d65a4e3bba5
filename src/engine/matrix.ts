import { isJsonObject, type Json, type JsonObject } from "../model/index.ts";

/** Maximum number of jobs in one matrix, as on GitHub. */
export const matrixLimit = 256;

/** Maximum size of one combination as JSON, in characters: each job of a run stores its own. */
const maxCellSize = 16 * 1024;

/** One combination of a matrix. `label` is the text in brackets after the job's name. */
export interface Cell {
  readonly values: JsonObject;
  readonly label: string;
}

/**
 * Expands a matrix like GitHub's MatrixBuilder: the product of the lists in written order, the last list varying
 * fastest; without combinations matched by an `exclude` entry; with the extra keys of every `include` entry whose
 * shared keys match; followed by the `include` entries that matched none. Throws an Error with a message for the author
 * if the matrix has another structure or too many cells.
 */
export function expandMatrix(matrix: Json): readonly Cell[] {
  if (!isJsonObject(matrix)) throw new Error(`the matrix is ${describe(matrix)}, not an object of lists`);
  const vectors = new Map<string, readonly Json[]>();
  for (const [name, values] of Object.entries(matrix)) {
    if (name === "include" || name === "exclude") continue;
    if (!Array.isArray(values)) throw new Error(`the matrix key "${name}" is ${describe(values)}, not a list`);
    if (values.length === 0) throw new Error(`the matrix key "${name}" is an empty list`);
    vectors.set(name, values as readonly Json[]);
  }
  const includes = entries(matrix, "include").map((entry) => split(entry, vectors));
  const excludes = entries(matrix, "exclude");
  for (const key of excludes.flatMap((entry) => Object.keys(entry))) {
    if (!vectors.has(key)) throw new Error(`the matrix excludes by "${key}", which is not one of its keys`);
  }
  const product = [...vectors.values()].reduce((size, values) => size * values.length, vectors.size === 0 ? 0 : 1);
  // Excludes can shrink a product, so its limit is higher; without a limit a small file could ask for billions.
  if (product > matrixLimit * 4) throw tooMany(product);

  const used = new Set<Include>();
  const cells: Cell[] = [];
  for (let index = 0; index < product; index += 1) {
    const base = combination(vectors, product, index);
    if (excludes.some((entry) => matches(entry, base))) continue;
    const values: Record<string, Json> = { ...base };
    for (const include of includes) {
      if (!matches(include.shared, base)) continue;
      used.add(include);
      Object.assign(values, include.extra);
    }
    cells.push({ values, label: labelOf(base) });
  }
  for (const include of includes) {
    if (!used.has(include))
      cells.push({
        values: { ...include.shared, ...include.extra },
        label: labelOf({ ...include.shared, ...include.extra }),
      });
  }
  if (cells.length === 0) throw new Error("the matrix has no combinations left to run");
  if (cells.length > matrixLimit) throw tooMany(cells.length);
  for (const { values, label } of cells) {
    const size = JSON.stringify(values).length;
    if (size > maxCellSize)
      throw new Error(`the matrix combination (${label}) has ${size} characters; the limit is ${maxCellSize}`);
  }
  return cells;
}

interface Include {
  /** The keys shared with the matrix: all must match. */
  readonly shared: JsonObject;
  readonly extra: JsonObject;
}

function split(entry: JsonObject, vectors: ReadonlyMap<string, unknown>): Include {
  const pairs = Object.entries(entry);
  return {
    shared: Object.fromEntries(pairs.filter(([key]) => vectors.has(key))),
    extra: Object.fromEntries(pairs.filter(([key]) => !vectors.has(key))),
  };
}

function entries(matrix: JsonObject, key: "include" | "exclude"): readonly JsonObject[] {
  const value = matrix[key];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new Error(`the matrix's "${key}" is ${describe(value)}, not a list`);
  if (value.length > matrixLimit * 4) throw tooMany(value.length);
  return (value as readonly Json[]).map((entry) => {
    if (!isJsonObject(entry) || Object.keys(entry).length === 0)
      throw new Error(`an entry of the matrix's "${key}" is ${describe(entry)}, not an object with keys`);
    return entry;
  });
}

function combination(vectors: ReadonlyMap<string, readonly Json[]>, product: number, index: number): JsonObject {
  const values: Record<string, Json> = {};
  let block = product;
  for (const [name, list] of vectors) {
    block /= list.length;
    values[name] = list[Math.floor(index / block) % list.length] ?? null;
  }
  return values;
}

/**
 * Whether every leaf of the filter equals the value at the same place; anything the filter does not mention is free.
 */
function matches(filter: Json, value: Json | undefined): boolean {
  if (Array.isArray(filter))
    return (filter as readonly Json[]).every((item, index) => Array.isArray(value) && matches(item, value[index]));
  if (isJsonObject(filter))
    return Object.entries(filter).every(([key, item]) => isJsonObject(value) && matches(item, value[key]));
  return looselyEqual(filter, value ?? null);
}

/** The expression language's `==`: case-insensitive text; values of different types compare as numbers. */
function looselyEqual(left: Json, right: Json): boolean {
  if (typeof left === "string" && typeof right === "string") return left.toUpperCase() === right.toUpperCase();
  if (typeof left === typeof right && typeof left !== "object") return left === right;
  return toNumber(left) === toNumber(right);
}

function toNumber(value: Json): number {
  if (value === null) return 0;
  return typeof value === "object" ? Number.NaN : Number(value);
}

/** All scalar values of a combination, including nested ones, in order. */
function labelOf(value: Json): string {
  const parts: string[] = [];
  const visit = (item: Json): void => {
    if (Array.isArray(item)) for (const each of item as readonly Json[]) visit(each);
    else if (isJsonObject(item)) for (const each of Object.values(item)) visit(each);
    else if (item !== null && item !== "") parts.push(String(item));
  };
  visit(value);
  const label = parts.join(", ");
  return label.length > 100 ? `${label.slice(0, 97)}...` : label;
}

function describe(value: Json | undefined): string {
  if (value === null || value === undefined) return "empty";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `the ${typeof value} ${JSON.stringify(value)}`;
}

function tooMany(count: number): Error {
  return new Error(`the matrix has ${count} combinations; the limit is ${matrixLimit}`);
}
