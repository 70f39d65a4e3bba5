import { evaluateText, type Contexts } from "../expression/index.ts";
import {
  isExpression,
  messageOf,
  SluiceError,
  stepName as plainName,
  type StepPlan,
  type Text,
} from "../model/index.ts";
import type { StepLog } from "./output/log.ts";
import type { Frame } from "./state.ts";

/** The displayed name of a step: its name, or what it does. */
export async function stepName(step: StepPlan, contexts: Contexts, { job }: Frame): Promise<string> {
  const { action } = step;
  const text = async (value: Text): Promise<string> => {
    try {
      return await job.evaluate((functions) => evaluateText(value, contexts, functions));
    } catch {
      // A name is only for display: one that cannot be evaluated is shown as written.
      return isExpression(value) ? `\${{ ${value.$expr} }}` : value;
    }
  };
  if (step.name !== undefined) return text(step.name);
  switch (action.type) {
    case "run":
      return `Run ${(await text(action.script)).trimStart().split("\n")[0] ?? ""}`;
    case "uses":
      return `Run ${await text(action.reference)}`;
    case "container":
      return text(action.image);
    case "typed":
      return action.kind;
    case "wait":
    case "cancel":
      return plainName(step);
  }
}

/** Writes an error to the log: what happened, and what to do. */
export function logError(log: StepLog, error: unknown): void {
  log.error(messageOf(error));
  if (error instanceof SluiceError) log.line(error.help);
}
