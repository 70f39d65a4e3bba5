import type { Json } from "./json.ts";

/** Line and column of the first character, both from 1. The file is the plan's `source.path`. */
export type Place = readonly [line: number, column: number];

/**
 * An expression in GitHub's language, without the `${{ }}` around it.
 * Text that mixes literals and expressions is one `format(…)` expression.
 */
export interface Expression {
  readonly $expr: string;
  readonly at?: Place;
}

/** Text that is a literal or evaluates to text. */
export type Text = string | Expression;

/** A switch that is fixed or evaluates to a boolean. */
export type Flag = boolean | Expression;

/** A number that is fixed or evaluates to one. */
export type Count = number | Expression;

/** JSON in which any value can be an expression (a matrix, `runs-on`, the inputs of an action). */
export type Template =
  | Expression
  | string
  | number
  | boolean
  | null
  | readonly Template[]
  | { readonly [key: string]: Template };

/** Whether it is an expression, not literal JSON. */
export function isExpression(value: Template | Json | undefined): value is Expression {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    typeof (value as { $expr?: unknown }).$expr === "string"
  );
}
