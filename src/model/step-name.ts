import type { StepPlan } from "./plan.ts";
import { isExpression } from "./template.ts";

/** What a step is called before its runner says it: its name, or what it does, as GitHub shows it. */
export function stepName(step: StepPlan): string {
  if (typeof step.name === "string" && step.name !== "") return step.name;
  const { action } = step;
  if (action.type === "run") return `Run ${firstLine(isExpression(action.script) ? step.id : action.script)}`;
  if (action.type === "uses") return `Run ${isExpression(action.reference) ? step.id : action.reference}`;
  return step.id;
}

/** The first line that has something on it, no longer than a title may be. */
export function firstLine(text: string): string {
  const line = text.split("\n").find((each) => each.trim() !== "")?.trim() ?? "";
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
}
