import type { Expression, Text } from "../model/index.ts";

/** Literal text, or an expression to insert. */
export type TextPiece = string | Expression;

/**
 * Joins pieces: literal text stays literal, a single expression stays itself, a mixture becomes one `format(…)`
 * expression.
 */
export function composeText(pieces: readonly TextPiece[]): Text {
  const written = pieces.filter((piece) => piece !== "");
  const [only, ...more] = written;
  if (only !== undefined && more.length === 0) return only;
  const expressions: string[] = [];
  const pattern = written.map((piece) => {
    if (typeof piece === "string") return piece.replaceAll("'", "''").replaceAll("{", "{{").replaceAll("}", "}}");
    expressions.push(piece.$expr);
    return `{${expressions.length - 1}}`;
  });
  if (expressions.length === 0) return written.join("");
  const at = written
    .map((piece) => (typeof piece === "string" ? undefined : piece.at))
    .find((place) => place !== undefined);
  return { $expr: `format('${pattern.join("")}', ${expressions.join(", ")})`, ...(at === undefined ? {} : { at }) };
}
