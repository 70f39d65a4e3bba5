/**
 * `evaluate:` conditions: the part of the expr language that fits Woodpecker's flat text variables: `and && or || not
 * !`, comparisons, `in`, `contains`, `startsWith`, `endsWith`, `matches` and their `not` forms, `?:`, `??`, `+ - * /
 * %`, lists and their elements, parentheses, strings, numbers, `true`, `false`, `nil`, `$env`, functions on texts and
 * lists (`split`, `replace`, `int`, `fromJSON` …), and `any`, `all`, `filter` … with `#`.
 * https://github.com/expr-lang/expr/blob/master/docs/language-definition.md
 */
export { readCondition } from "./condition.ts";
export { ConditionProblem } from "./problem.ts";
