import { evaluateText, type Contexts } from "../../expression/index.ts";
import { firstLine, isJsonObject, type Event, type Json, type Text } from "../../model/index.ts";

/** Maximum length in characters. */
const longest = 200;

/**
 * The workflow's name for this run, in one line of at most 200 characters; without one, the event's title:
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#run-name
 * @throws SluiceError if it cannot be evaluated.
 */
export function runNameOf(
  workflow: { readonly name: string; readonly runName?: Text },
  event: Event,
  contexts: Contexts,
): string {
  const own = workflow.runName === undefined ? "" : oneLine(evaluateText(workflow.runName, contexts));
  return own === "" ? oneLine(subjectOf(event)) || oneLine(workflow.name) : own;
}

/** Empty for manual and scheduled runs: they are not about the commit. */
function subjectOf(event: Event): string {
  switch (event.kind) {
    case "push":
      return firstLine(event.commit?.message ?? "");
    case "pull_request":
      return firstLine(event.pullRequest?.title ?? "");
    case "issue":
    case "comment":
      return titleIn(event.payload["issue"], "title");
    case "release":
      return titleIn(event.payload["release"], "name");
    default:
      return "";
  }
}

function titleIn(subject: Json | undefined, key: string): string {
  const title = isJsonObject(subject) ? subject[key] : undefined;
  return typeof title === "string" ? title : "";
}

/**
 * Anyone may have written its parts: it contains no line breaks, no control characters, and no direction characters.
 */
function oneLine(text: string): string {
  const line = text
    .toWellFormed()
    .replaceAll(/[\s\p{Cc}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]+/gu, " ")
    .trim();
  const characters = Array.from(line.slice(0, 2 * longest + 2));
  return characters.length > longest ? `${characters.slice(0, longest - 1).join("")}…` : line;
}
