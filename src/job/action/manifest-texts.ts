import * as z from "zod";
import { isProblem, parseText } from "../../expression/index.ts";
import { SluiceError, type Text } from "../../model/index.ts";

/** A plain YAML value, as text. */
export const scalar = z
  .union([z.string(), z.number(), z.boolean(), z.null()])
  .transform((value) => (value === null ? "" : String(value)));

/** Plain YAML values by name. */
export const texts = z
  .record(z.string(), scalar)
  .nullish()
  .transform((value) => value ?? {});

/** Parses text as the author of an action wrote it, with `${{ }}`. @throws SluiceError `workflow-expression`. */
export function textOf(text: string, file: string): Text {
  const parsed = parseText(text);
  if (typeof parsed !== "string" && isProblem(parsed))
    throw new SluiceError("workflow-expression", `${file}: ${parsed.message} in "${text.slice(0, 100)}".`);
  return parsed;
}

/**
 * The expression of a text, with or without `${{ }}`; text around the braces makes it an expression that yields text.
 * An empty condition means none.
 */
export function bare(text: string, file: string): string {
  const parsed = textOf(text.trim(), file);
  if (typeof parsed !== "string") return parsed.$expr;
  return parsed === "" ? "success()" : parsed;
}
