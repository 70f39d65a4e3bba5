/**
 * The one expression language: GitHub's, parsed and evaluated by GitHub's own package, which nothing else depends on.
 * Pure: the caller provides `hashFiles` and the status functions.
 */
export { checkExpression, contextsOf, type Allowed } from "./check.ts";
export { textOf, truthy } from "./data.ts";
export { Effort } from "./effort.ts";
export {
  evaluate,
  evaluateCondition,
  evaluateCount,
  evaluateFlag,
  evaluateTemplate,
  evaluateText,
  type Contexts,
} from "./evaluate.ts";
export type { ExpressionFunctions } from "./functions.ts";
export { githubAliases } from "./names.ts";
export { isProblem } from "./parse.ts";
export { conditionOf, statusFunctions, usesStatusFunction } from "./status.ts";
export { findExpressions, parseText } from "./text.ts";
