import type { ExpressionFunctions } from "./functions.ts";
import { isProblem, parse } from "./parse.ts";

/**
 * What the status functions return. For a step: the state of its job so far. For a job: how everything it needs ended,
 * directly or indirectly; a skipped one leaves all three false.
 */
export interface Status {
  readonly success: boolean;
  readonly failure: boolean;
  readonly cancelled: boolean;
}

const statusNames: ReadonlySet<string> = new Set(["success", "failure", "cancelled", "always"]);

/** `success()`, `failure()`, `cancelled()` and `always()` for a status. */
export function statusFunctions(status: Status): ExpressionFunctions {
  return {
    success: () => status.success,
    failure: () => status.failure,
    cancelled: () => status.cancelled,
    always: () => true,
  };
}

/**
 * Whether the expression calls a status function; then no implicit `success()` is added. False if it cannot be parsed.
 */
export function usesStatusFunction(expression: string): boolean {
  const parsed = parse(expression);
  return !isProblem(parsed) && parsed.functions.some((use) => statusNames.has(use.name));
}

/** The effective condition of an author's `if`: without a status function it also requires success. */
export function conditionOf(expression: string): string {
  return usesStatusFunction(expression) ? expression : `success() && (${expression})`;
}
