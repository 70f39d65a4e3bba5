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

/* The expression language for the engine: every error names its key, because it becomes the reason of a failed job. */

/**
 * The budget for all expressions of one transition: less than a second. A matrix evaluates each of them up to 256
 * times.
 */
const stepEffort = 50_000_000;
// All evaluations of a transition happen in one synchronous call, so one variable is enough for them.
let effort: Effort | undefined;

/** Runs `work` with one shared budget for its evaluations; once it is spent, they fail. */
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

/** Evaluates a job's `if` with status functions that depend on what came before it. */
export function condition(expression: Expression, contexts: Contexts, before: Ancestry): boolean {
  const functions = statusFunctions({
    success: before === "success",
    failure: before === "failure",
    cancelled: before === "cancelled",
  });
  return naming("if", () => truthy(evaluate(expression.$expr, contexts, functions, effort)));
}

/** Whether the expression calls a status function itself; then no implicit `success()` is added. */
export function usesStatusFunction(expression: Expression): boolean {
  return asksStatus(expression.$expr);
}

/** Whether the expression can be true in a cancelled run: it calls `always()` or `cancelled()`. */
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
