import type { ExpressionFunctions } from "./functions.ts";
import { isProblem, parse } from "./parse.ts";

/**
 * What the status functions answer. For a step: how its job stands so far. For a job: how everything it
 * needs, directly or not, ended; a skipped one leaves all three false.
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

/** True when the expression asks for the status itself; then `success()` is not put in front of it. False for one that cannot be parsed. */
export function usesStatusFunction(expression: string): boolean {
  const parsed = parse(expression);
  return !isProblem(parsed) && parsed.functions.some((use) => statusNames.has(use.name));
}

/** The condition that an author's `if` means: one that does not ask for the status wants success besides. */
export function conditionOf(expression: string): string {
  return usesStatusFunction(expression) ? expression : `success() && (${expression})`;
}
