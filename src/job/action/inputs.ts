import type { Text } from "../../model/index.ts";
import { contextsFor } from "../contexts.ts";
import type { StepExecution } from "./execution.ts";

/** The inputs of an action, by the names it declares: the step's values, or else the defaults. */
export type Inputs = Readonly<Record<string, string>>;

/**
 * The contexts available to defaults: they are the action's own texts, and do not see most of the step's surroundings.
 */
const ofDefaults = ["github", "strategy", "matrix", "job", "runner"];

/** Evaluates inputs. Names ignore case; undeclared inputs are kept too. */
export async function inputsOf(
  execution: StepExecution,
  given: Readonly<Record<string, Text>>,
  defaults: Readonly<Record<string, Text | undefined>>,
): Promise<Inputs> {
  const inputs: Record<string, string> = {};
  const names = new Map<string, string>();
  const around = contextsFor(execution.frame, execution.env, {});
  const known = Object.fromEntries(ofDefaults.map((name) => [name, around[name] ?? null]));
  for (const [name, text] of Object.entries(defaults)) {
    names.set(name.toLowerCase(), name);
    inputs[name] = text === undefined ? "" : await execution.text(text, known);
  }
  const contexts = execution.contexts();
  for (const [name, text] of Object.entries(given))
    inputs[names.get(name.toLowerCase()) ?? name] = await execution.text(text, contexts);
  return inputs;
}

/** Inputs as the variables that JavaScript actions read. */
export function inputEnvironment(inputs: Inputs): Record<string, string> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [`INPUT_${name.replaceAll(" ", "_").toUpperCase()}`, value]),
  );
}
