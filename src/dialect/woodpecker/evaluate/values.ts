import type { Work } from "../../pattern/index.ts";
import { ConditionProblem } from "./problem.ts";

/** The values of a condition. Variables are text; lists and maps come from literals, `split`, `fromJSON` and `$env`. */
export type Value = string | number | boolean | null | readonly Value[] | ReadonlyMap<string, Value>;

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

export function isMap(value: Value): value is ReadonlyMap<string, Value> {
  return value instanceof Map;
}

/** Charges the budget for reading the whole value; a part that occurs twice counts twice. */
export function lookThrough(value: Value, work: Work, depth = 0): void {
  if (depth > maxDepth) throw new ConditionProblem("a value is nested too deeply");
  work.spend(typeof value === "string" ? value.length + 1 : 1);
  if (isList(value)) for (const each of value) lookThrough(each, work, depth + 1);
  else if (isMap(value)) for (const each of value.values()) lookThrough(each, work, depth + 1);
}

const maxDepth = 200;

/** A variable that is not set counts as empty text here. */
export function textOf(value: Value, operator: string): string {
  if (value === null) return "";
  if (typeof value !== "string") throw new ConditionProblem(`\`${operator}\` needs a string, not ${nameOf(value)}`);
  return value;
}

export function numberOf(value: Value, operator: string): number {
  if (typeof value !== "number") throw new ConditionProblem(`\`${operator}\` needs a number, not ${nameOf(value)}`);
  return value;
}

export function listOf(value: Value, operator: string): readonly Value[] {
  if (!isList(value)) throw new ConditionProblem(`\`${operator}\` needs a list, not ${nameOf(value)}`);
  return value;
}

export function truth(value: Value, operator: string): boolean {
  if (typeof value !== "boolean")
    throw new ConditionProblem(`\`${operator}\` needs true or false, not ${nameOf(value)}`);
  return value;
}

export function same(left: Value, right: Value): boolean {
  if (isList(left) && isList(right))
    return left.length === right.length && left.every((each, index) => same(each, right[index] ?? null));
  if (isMap(left) && isMap(right))
    return left.size === right.size && [...left].every(([key, each]) => same(each, right.get(key) ?? null));
  return left === right;
}

/** Like `same`, between comparable values: text never equals a number, and comparing them is an error, as in expr. */
export function equal(operator: string, left: Value, right: Value): boolean {
  if (left !== null && right !== null && kindOf(left) !== kindOf(right))
    throw new ConditionProblem(`\`${operator}\` cannot compare ${nameOf(left)} with ${nameOf(right)}`);
  return same(left, right);
}

function kindOf(value: Value): string {
  return isList(value) ? "list" : typeof value;
}

/** An element of a list, or a key of a map. Nothing is in nil. */
export function isIn(value: Value, container: Value): boolean {
  if (container === null) return false;
  if (isMap(container)) return container.has(textOf(value, "in"));
  if (!isList(container)) throw new ConditionProblem(`\`in\` needs a list on its right, not ${nameOf(container)}`);
  return container.some((each) => same(value, each));
}

export function compare(operator: string, left: Value, right: Value): boolean {
  const fit =
    (typeof left === "string" && typeof right === "string") || (typeof left === "number" && typeof right === "number");
  if (!fit) throw new ConditionProblem(`\`${operator}\` cannot compare ${nameOf(left)} with ${nameOf(right)}`);
  switch (operator) {
    case "<":
      return left < right;
    case ">":
      return left > right;
    case "<=":
      return left <= right;
    default:
      return left >= right;
  }
}

/** `+` also joins strings. */
export function calculate(operator: string, left: Value, right: Value): Value {
  if (operator === "+" && (typeof left === "string" || typeof right === "string"))
    return textOf(left, operator) + textOf(right, operator);
  const [a, b] = [numberOf(left, operator), numberOf(right, operator)];
  switch (operator) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
      return a / b;
    default:
      if (!Number.isInteger(a) || !Number.isInteger(b) || b === 0)
        throw new ConditionProblem("`%` needs whole numbers, and not 0 on its right");
      return a % b;
  }
}

/** The element of a list at an index (from the end if negative), or the value of a map at a key. */
export function memberOf(value: Value, key: Value): Value {
  if (value === null) throw new ConditionProblem("the value before `.` or `[` is nil");
  if (isMap(value)) return value.get(textOf(key, "[]")) ?? null;
  if (!isList(value)) throw new ConditionProblem(`${nameOf(value)} has no elements`);
  const index = numberOf(key, "[]");
  const found = value.at(index);
  if (found === undefined) throw new ConditionProblem(`the list has ${value.length} elements, none at index ${index}`);
  return found;
}

export function nameOf(value: Value): string {
  if (value === null) return "nothing";
  if (isList(value)) return "a list";
  if (isMap(value)) return "a map";
  return { string: "a string", number: "a number", boolean: "true or false" }[
    typeof value as "string" | "number" | "boolean"
  ];
}
