import type { Expression, Place, Text } from "../model/index.ts";
import { isProblem, parse, type ExpressionProblem } from "./parse.ts";

/** One `${{ … }}` in a text. Offsets count from the start of the text. */
export interface TextPart {
  /** Without the braces and their inner spaces. */
  readonly expression: string;
  /** Offset of the `$`. */
  readonly start: number;
  /** Offset after the closing braces. */
  readonly end: number;
  /** Offset of the expression itself. */
  readonly offset: number;
}

/** The expressions in a text, in order; or the problem with their braces. */
export function findExpressions(raw: string): readonly TextPart[] | ExpressionProblem {
  const parts: TextPart[] = [];
  for (let start = raw.indexOf("${{"); start >= 0; start = raw.indexOf("${{", parts.at(-1)?.end)) {
    const end = endOfExpression(raw, start + 3);
    if (end === undefined) return { message: "`${{` has no closing `}}`", offset: start };
    const inner = raw.slice(start + 3, end - 2);
    parts.push({ expression: inner.trim(), start, end, offset: start + 3 + inner.length - inner.trimStart().length });
  }
  return parts;
}

/**
 * Text that may contain `${{ }}`: literal text stays as it is; a text that is one expression becomes that expression; a
 * mixture becomes one `format(…)` expression. A problem's offset counts from the start of the text.
 */
export function parseText(raw: string, at?: Place): Text | ExpressionProblem {
  const parts = findExpressions(raw);
  if (isProblem(parts)) return parts;
  const [first] = parts;
  if (first === undefined) return raw;
  for (const part of parts) {
    const parsed = parse(part.expression);
    if (isProblem(parsed)) return { message: parsed.message, offset: part.offset + parsed.offset };
  }
  if (parts.length === 1 && first.start === 0 && first.end === raw.length) return expressionAt(first.expression, at);
  const whole = formatOf(raw, parts);
  const parsed = parse(whole);
  return isProblem(parsed) ? { message: parsed.message, offset: 0 } : expressionAt(whole, at);
}

function expressionAt($expr: string, at: Place | undefined): Expression {
  return at === undefined ? { $expr } : { $expr, at };
}

function formatOf(raw: string, parts: readonly TextPart[]): string {
  const pattern: string[] = [];
  let end = 0;
  for (const [index, part] of parts.entries()) {
    pattern.push(escapeFormat(raw.slice(end, part.start)), `{${index}}`);
    end = part.end;
  }
  pattern.push(escapeFormat(raw.slice(end)));
  return `format('${pattern.join("")}', ${parts.map((part) => part.expression).join(", ")})`;
}

/** Doubles braces for `format` and quotes for the string literal around it. */
function escapeFormat(text: string): string {
  return text.replaceAll("'", "''").replaceAll("{", "{{").replaceAll("}", "}}");
}

/** The offset after the `}}` that closes an expression; braces in a string literal do not count. */
function endOfExpression(raw: string, from: number): number | undefined {
  let quoted = false;
  for (let index = from; index < raw.length; index += 1) {
    const character = raw[index];
    if (character === "'") quoted = !quoted;
    else if (!quoted && character === "}" && raw[index + 1] === "}") return index + 2;
  }
  return undefined;
}
