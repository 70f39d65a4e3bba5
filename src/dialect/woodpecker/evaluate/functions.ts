import { ConditionProblem } from "./problem.ts";
import { isList, isMap, listOf, nameOf, numberOf, textOf, type Value } from "./values.ts";

interface Known {
  /** The number of values it takes, at least and at most. */
  readonly takes: readonly [least: number, most: number];
  call(name: string, args: readonly Value[]): Value;
}

const maxLength = 1024 * 1024;

function text(most: number, call: (...texts: readonly string[]) => Value, least = most): Known {
  return { takes: [least, most], call: (name, args) => call(...args.map((each) => textOf(each, name))) };
}

/** The functions of expr's reference for texts, lists and numbers; without dates, bits and base64. */
export const functions: ReadonlyMap<string, Known> = new Map<string, Known>([
  ["len", { takes: [1, 1], call: (_, [value = null]) => lengthOf(value) }],
  ["lower", text(1, (it = "") => it.toLowerCase())],
  ["upper", text(1, (it = "") => it.toUpperCase())],
  ["trim", text(2, (it = "", characters) => (characters === undefined ? it.trim() : trimmed(it, characters)), 1)],
  ["trimPrefix", text(2, (it = "", prefix = " ") => (it.startsWith(prefix) ? it.slice(prefix.length) : it), 1)],
  [
    "trimSuffix",
    text(2, (it = "", suffix = " ") => (it.endsWith(suffix) ? it.slice(0, it.length - suffix.length) : it), 1),
  ],
  ["hasPrefix", text(2, (it = "", prefix = "") => it.startsWith(prefix))],
  ["hasSuffix", text(2, (it = "", suffix = "") => it.endsWith(suffix))],
  ["indexOf", text(2, (it = "", part = "") => it.indexOf(part))],
  ["lastIndexOf", text(2, (it = "", part = "") => it.lastIndexOf(part))],
  ["replace", text(3, (it = "", old = "", replacement = "") => replaced(it, old, replacement))],
  ["split", text(2, (it = "", separator = "") => it.split(separator))],
  [
    "join",
    {
      takes: [1, 2],
      call: (name, [list = null, between = ""]) =>
        listOf(list, name)
          .map((each) => textOf(each, name))
          .join(textOf(between, name)),
    },
  ],
  ["int", { takes: [1, 1], call: (name, [value = null]) => wholeNumber(name, value) }],
  ["float", { takes: [1, 1], call: (name, [value = null]) => anyNumber(name, value) }],
  [
    "string",
    {
      takes: [1, 1],
      call: (_, [value = null]) =>
        value === null ? "nil" : isList(value) || isMap(value) ? asJson(value) : String(value),
    },
  ],
  ["abs", { takes: [1, 1], call: (name, [value = null]) => Math.abs(numberOf(value, name)) }],
  ["first", { takes: [1, 1], call: (name, [list = null]) => listOf(list, name)[0] ?? null }],
  ["last", { takes: [1, 1], call: (name, [list = null]) => listOf(list, name).at(-1) ?? null }],
  ["uniq", { takes: [1, 1], call: (name, [list = null]) => [...new Set(listOf(list, name))] }],
  ["keys", { takes: [1, 1], call: (name, [map = null]) => [...mapOf(map, name).keys()] }],
  ["values", { takes: [1, 1], call: (name, [map = null]) => [...mapOf(map, name).values()] }],
  ["toJSON", { takes: [1, 1], call: (_, [value = null]) => asJson(value) }],
  ["fromJSON", text(1, (it = "") => parsed(it))],
]);

/** Functions over every element; their second value can use `#` for it. */
export const predicates: ReadonlyMap<
  string,
  (list: readonly Value[], holds: (element: Value) => Value, truth: (value: Value) => boolean) => Value
> = new Map([
  ["all", (list, holds, truth) => list.every((each) => truth(holds(each)))],
  ["any", (list, holds, truth) => list.some((each) => truth(holds(each)))],
  ["none", (list, holds, truth) => !list.some((each) => truth(holds(each)))],
  ["one", (list, holds, truth) => list.filter((each) => truth(holds(each))).length === 1],
  ["count", (list, holds, truth) => list.filter((each) => truth(holds(each))).length],
  ["filter", (list, holds, truth) => list.filter((each) => truth(holds(each)))],
  ["find", (list, holds, truth) => list.find((each) => truth(holds(each))) ?? null],
  ["map", (list, holds) => list.map((each) => holds(each))],
]);

function lengthOf(value: Value): number {
  if (value === null) return 0;
  if (typeof value === "string") return [...value].length;
  if (isList(value)) return value.length;
  if (isMap(value)) return value.size;
  throw new ConditionProblem(`\`len\` needs a string, list or map, not ${nameOf(value)}`);
}

function trimmed(it: string, characters: string): string {
  const all = [...it];
  let [from, to] = [0, all.length];
  while (from < to && characters.includes(all[from] ?? "")) from += 1;
  while (to > from && characters.includes(all[to - 1] ?? "")) to -= 1;
  return all.slice(from, to).join("");
}

function replaced(it: string, old: string, replacement: string): string {
  const most = old === "" ? it.length + 1 : it.length / old.length;
  if (it.length + most * replacement.length > maxLength)
    throw new ConditionProblem("the result of `replace` is too long");
  return it.replaceAll(old, () => replacement);
}

function anyNumber(name: string, value: Value): number {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof number !== "number" || Number.isNaN(number))
    throw new ConditionProblem(
      `\`${name}\` needs a number, not ${typeof value === "string" ? `\`${value.slice(0, 40)}\`` : nameOf(value)}`,
    );
  return number;
}

function wholeNumber(name: string, value: Value): number {
  if (typeof value === "string" && !/^[+-]?\d{1,15}$/.test(value))
    throw new ConditionProblem(`\`${name}\` needs a whole number, not \`${value.slice(0, 40)}\``);
  return Math.trunc(anyNumber(name, value));
}

function mapOf(value: Value, name: string): ReadonlyMap<string, Value> {
  if (!isMap(value)) throw new ConditionProblem(`\`${name}\` needs a map, not ${nameOf(value)}`);
  return value;
}

function asJson(value: Value): string {
  return JSON.stringify(value, (_, each: unknown) => (each instanceof Map ? Object.fromEntries(each) : each));
}

function parsed(json: string): Value {
  try {
    const value: Value = JSON.parse(json, (_, each: unknown) =>
      typeof each === "object" && each !== null && !Array.isArray(each) ? new Map(Object.entries(each)) : each,
    );
    return value;
  } catch {
    // The engine's own message names no place in the condition.
    throw new ConditionProblem("`fromJSON` got text that is not JSON");
  }
}
