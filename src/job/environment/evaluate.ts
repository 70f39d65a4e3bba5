import {
  evaluate,
  evaluateTemplate,
  evaluateText,
  textOf,
  type Contexts,
  type ExpressionFunctions,
} from "../../expression/index.ts";
import { isExpression, isJsonObject, SluiceError, type Environment, type Json } from "../../model/index.ts";

/**
 * Evaluates variables in their order, into `into`; each sees those before it as `env`. A name may be an expression too.
 * @throws SluiceError `workflow-expression`.
 */
export function evaluateEnvironment(
  environment: Environment,
  contexts: Contexts,
  functions: ExpressionFunctions,
  into: Record<string, string>,
): void {
  const seen: Contexts = { ...contexts, env: into };
  if (isExpression(environment)) {
    for (const [name, value] of Object.entries(mapOf(evaluate(environment.$expr, seen, functions))))
      into[name] = textOf(value);
    return;
  }
  for (const [name, text] of Object.entries(environment)) {
    if (name.includes("${{"))
      for (const [real, value] of Object.entries(mapOf(evaluateTemplate({ [name]: text }, seen, functions))))
        into[real] = textOf(value);
    else into[name] = typeof text === "string" ? text : evaluateText(text, seen, functions);
  }
}

function mapOf(value: Json): Readonly<Record<string, Json>> {
  if (isJsonObject(value)) return value;
  if (value === null || value === "") return {};
  throw new SluiceError("workflow-expression", "The expression given for `env` does not yield an object.");
}
