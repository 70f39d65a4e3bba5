import {
  evaluate,
  evaluateTemplate,
  evaluateText,
  textOf,
  type Contexts,
  type ExpressionFunctions,
} from "../expression/index.ts";
import { isExpression, isJsonObject, SluiceError, type Environment as Variables, type Json } from "../model/index.ts";

/**
 * Evaluates variables in order, over the given ones; each sees the earlier ones as `env`. A name can be an expression
 * too. Returns all of them.
 * @throws SluiceError `workflow-expression`.
 */
export function evaluateVariables(
  variables: Variables,
  contexts: Contexts,
  functions: ExpressionFunctions,
  over: Readonly<Record<string, string>>,
): Record<string, string> {
  const into: Record<string, string> = { ...over };
  const seen: Contexts = { ...contexts, env: into };
  if (isExpression(variables)) {
    for (const [name, value] of Object.entries(mapOf(evaluate(variables.$expr, seen, functions))))
      into[name] = textOf(value);
    return into;
  }
  for (const [name, text] of Object.entries(variables)) {
    if (name.includes("${{"))
      for (const [real, value] of Object.entries(mapOf(evaluateTemplate({ [name]: text }, seen, functions))))
        into[real] = textOf(value);
    else into[name] = typeof text === "string" ? text : evaluateText(text, seen, functions);
  }
  return into;
}

function mapOf(value: Json): Readonly<Record<string, Json>> {
  if (isJsonObject(value)) return value;
  if (value === null || value === "") return {};
  throw new SluiceError("workflow-expression", "The expression for `env` must yield an object.");
}
