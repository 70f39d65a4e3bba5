import { reportLimits, shortened } from "./limits.ts";
import type { StepPlan } from "./plan.ts";
import { isExpression, type Text } from "./template.ts";

/** A step's name before its runner reports it: its own name, or what it does, as on GitHub. */
export function stepName(step: StepPlan): string {
  return shortened(longName(step), reportLimits.name);
}

function longName(step: StepPlan): string {
  if (step.name !== undefined && step.name !== "") return outline(step.name);
  const { action } = step;
  if (action.type === "run") return `Run ${firstLine(outline(action.script))}`;
  if (action.type === "uses") return `Run ${outline(action.reference)}`;
  if (action.type === "wait") return action.steps === "all" ? "Wait for all" : `Wait for ${action.steps.join(", ")}`;
  if (action.type === "cancel") return `Cancel ${action.steps.join(", ")}`;
  return step.id;
}

/** A text before evaluation: literals as they are, an ellipsis for what is unknown. */
function outline(text: Text): string {
  if (!isExpression(text)) return text;
  const pattern = /^format\('((?:[^']|'')*)'/.exec(text.$expr)?.[1];
  if (pattern === undefined) return "…";
  return pattern
    .replaceAll("''", "'")
    .replaceAll(/\{\{|\}\}|\{\d+\}/g, (part) => (part === "{{" || part === "}}" ? part.charAt(0) : "…"));
}

/** The first non-empty line, cut to the length of a title. */
export function firstLine(text: string): string {
  const line =
    text
      .split("\n")
      .find((each) => each.trim() !== "")
      ?.trim() ?? "";
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
}
