import { isProblem, parse, type ExpressionProblem, type Use } from "./parse.ts";

/** The names that an expression can use at its place. */
export interface Allowed {
  readonly contexts: readonly string[];
  /** Functions beyond the language's own (`contains`, `format` …). */
  readonly functions: readonly string[];
}

/** Checks an expression without evaluating it: its syntax, and names that are not available at its place. */
export function checkExpression(expression: string, allowed: Allowed): ExpressionProblem | undefined {
  const parsed = parse(expression);
  if (isProblem(parsed)) return parsed;
  return (
    unknownName("named-value", parsed.contexts, allowed.contexts) ??
    unknownName("function", parsed.functions, allowed.functions)
  );
}

/** The contexts an expression uses, in lower case; none if it cannot be parsed. */
export function contextsOf(expression: string): readonly string[] {
  const parsed = parse(expression);
  return isProblem(parsed) ? [] : parsed.contexts.map((use) => use.name);
}

function unknownName(what: string, uses: readonly Use[], allowed: readonly string[]): ExpressionProblem | undefined {
  const bad = uses.find((use) => !allowed.some((name) => name.toLowerCase() === use.name));
  if (bad === undefined) return undefined;
  return {
    message: `Unrecognized ${what}: '${bad.written}'${allowed.length > 0 ? `; available here: ${allowed.join(", ")}` : ""}`,
    offset: bad.offset,
  };
}
