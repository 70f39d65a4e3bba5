import {
  type Contexts,
  Effort,
  evaluate,
  evaluateCount,
  evaluateFlag,
  evaluateTemplate,
  evaluateText,
  statusFunctions,
  truthy,
  usesStatusFunction as asksStatus,
} from "../expression/index.ts";
import {
  type Count,
  type Expression,
  type Flag,
  type Json,
  messageOf,
  type Template,
  type Text,
} from "../model/index.ts";
import type { Ancestry } from "./ancestry.ts";

export type { Contexts } from "../expression/index.ts";

/*
 * The expression language as the engine uses it: every error names the key it stands at, for it becomes
 * the reason of a failed job.
 */

/** What all expressions of one step of a run may cost: less than a second. A matrix evaluates each of them 256 times. */
const stepEffort = 50_000_000;
// Every evaluation of a step happens within one synchronous call, so that one variable does for all of them.
let effort: Effort | undefined;

/** Lets the evaluations in `work` share one effort; when it is spent, they fail. */
export function sharingEffort<T>(work: () => T): T {
  effort = new Effort(stepEffort);
  try {
    return work();
  } finally {
    effort = undefined;
  }
}

export function text(value: Text, contexts: Contexts, key: string): string {
  return naming(key, () => evaluateText(value, contexts, {}, effort));
}

export function flag(value: Flag, contexts: Contexts, key: string): boolean {
  return naming(key, () => evaluateFlag(value, contexts, {}, effort));
}

export function count(value: Count, contexts: Contexts, key: string): number {
  return naming(key, () => evaluateCount(value, contexts, {}, effort));
}

export function template(value: Template, contexts: Contexts, key: string): Json {
  return naming(key, () => evaluateTemplate(value, contexts, {}, effort));
}

/** Evaluates a job's `if` with status functions that look at what came before it. */
export function condition(expression: Expression, contexts: Contexts, before: Ancestry): boolean {
  const functions = statusFunctions({
    success: before === "success",
    failure: before === "failure",
    cancelled: before === "cancelled",
  });
  return naming("if", () => truthy(evaluate(expression.$expr, contexts, functions, effort)));
}

/** True when the expression itself asks how things went; then `success()` is not put in front of it. */
export function usesStatusFunction(expression: Expression): boolean {
  return asksStatus(expression.$expr);
}

/** True when the expression may hold although the run is cancelled: it asks `always()` or `cancelled()`. */
export function outlivesCancel(expression: Expression): boolean {
  return /\b(?:always|cancelled)\s*\(/i.test(expression.$expr.replaceAll(/'(?:[^']|'')*'/g, ""));
}

function naming<T>(key: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new Error(`${key}: ${messageOf(error)}`, { cause: error });
  }
}
