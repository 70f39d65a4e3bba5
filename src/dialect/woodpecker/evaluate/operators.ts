import type { Work } from "../../pattern/index.ts";
import { compilePattern } from "./pattern.ts";
import { calculate, compare, equal, isIn, lookThrough, textOf, truth, type Value } from "./values.ts";

/** The scope in which a part of a condition is evaluated. */
export interface Scope {
  readonly variables: ReadonlyMap<string, string>;
  /** The elements that `#` stands for, the innermost last. */
  readonly elements: Value[];
  /** How many more elements can be visited. */
  budget: number;
  /** The budget for reading values, in characters and elements. */
  readonly work: Work;
}

/** A parsed part of a condition: evaluates to a value in a scope. */
export type Term = (scope: Scope) => Value;

/** Combines two parts with an operator. When evaluated, throws a ConditionProblem if the values do not fit it. */
export function combine(operator: string, left: Term, right: Term): Term {
  switch (operator) {
    case "||":
    case "or":
      return (scope) => truth(left(scope), operator) || truth(right(scope), operator);
    case "&&":
    case "and":
      return (scope) => truth(left(scope), operator) && truth(right(scope), operator);
    case "??":
      return (scope) => left(scope) ?? right(scope);
    case "==":
      return (scope) => equal(operator, lookedAt(left(scope), scope), lookedAt(right(scope), scope));
    case "!=":
      return (scope) => !equal(operator, lookedAt(left(scope), scope), lookedAt(right(scope), scope));
    case "in":
      return (scope) => isIn(left(scope), lookedAt(right(scope), scope));
    case "contains":
      return ofTexts(operator, left, right, (text, part) => text.includes(part));
    case "startsWith":
      return ofTexts(operator, left, right, (text, part) => text.startsWith(part));
    case "endsWith":
      return ofTexts(operator, left, right, (text, part) => text.endsWith(part));
    case "matches":
      return ofTexts(operator, left, right, (text, pattern, work) => compilePattern(pattern, work)(text));
    case "+":
    case "-":
    case "*":
    case "/":
    case "%":
      return (scope) => calculate(operator, lookedAt(left(scope), scope), lookedAt(right(scope), scope));
    default:
      return (scope) => compare(operator, left(scope), right(scope));
  }
}

/** The value, after charging the budget for reading it. */
export function lookedAt(value: Value, { work }: Scope): Value {
  lookThrough(value, work);
  return value;
}

/** As in expr, nothing is true of a variable that is not set. */
function ofTexts(
  operator: string,
  left: Term,
  right: Term,
  holds: (text: string, other: string, work: Work) => boolean,
): Term {
  return (scope) => {
    const [text, other] = [lookedAt(left(scope), scope), lookedAt(right(scope), scope)];
    return text !== null && other !== null && holds(textOf(text, operator), textOf(other, operator), scope.work);
  };
}
