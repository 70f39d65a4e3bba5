import type { Text } from "../../model/index.ts";
import { contextsFor } from "../contexts.ts";
import type { StepExecution } from "./execution.ts";

/** The inputs of an action, by the names it gives them: what the step says, else the defaults. */
export type Inputs = Readonly<Record<string, string>>;

/** What defaults may name: they are the action's own texts, and most of what is around the step is none of its business. */
const ofDefaults = ["github", "strategy", "matrix", "job", "runner"];

/** Evaluates inputs. Names are the same in any case; those the action does not know are kept too. */
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
