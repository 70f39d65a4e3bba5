/**
 * `evaluate:` conditions: the part of the expr language that fits Woodpecker's flat, textual variables:
 * `and && or || not !`, comparisons, `in`, `contains`, `startsWith`, `endsWith`, `matches` and their `not` forms,
 * `?:`, `??`, lists, parentheses, strings, numbers, `true`, `false`, `nil`, and `len`, `lower`, `upper`, `trim`.
 * https://github.com/expr-lang/expr/blob/master/docs/language-definition.md
 */
export { readCondition } from "./condition.ts";
export { ConditionProblem } from "./problem.ts";
