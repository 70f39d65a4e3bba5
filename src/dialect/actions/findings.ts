import { didYouMean } from "../../model/index.ts";
import { entryOf, type Finding } from "../yaml/index.ts";
import type { Origin } from "./object-reader.ts";

/** Keys of workflows, jobs and steps, to suggest for misspelt ones. */
const knownKeys = [
  "name run-name on permissions env defaults concurrency jobs",
  "needs if runs-on environment outputs strategy matrix fail-fast max-parallel include exclude timeout-minutes continue-on-error container services uses with secrets steps",
  "id run shell working-directory background wait wait-all cancel parallel image credentials options ports volumes group cancel-in-progress",
  "push pull_request workflow_dispatch schedule release issues issue_comment branches branches-ignore tags tags-ignore paths paths-ignore types inputs cron required default description type",
].flatMap((line) => line.split(" "));

/** Keys of Forgejo and Gitea that GitHub does not know: they have no effect here, but do not invalidate a file. */
const foreignKeys: ReadonlySet<string> = new Set(["enable-email-notifications", "enable-openid-connect"]);

/** Reports GitHub's findings about a file's structure in our words, with advice. */
export function schemaFinding(message: string, origin: Origin | undefined): Finding {
  const unexpected = /^Unexpected value '(.*)'$/s.exec(message)?.[1];
  if (unexpected !== undefined) return unexpectedFinding(unexpected, origin);
  const missing = /^Required property is missing: (.*)$/.exec(message)?.[1];
  if (missing !== undefined)
    return {
      code: "workflow-schema",
      message: `\`${missing}\` is missing.`,
      help: missingHelp[missing] ?? `Add \`${missing}:\`.`,
    };
  const duplicate = /^'(.*)' is already defined$/s.exec(message)?.[1];
  if (duplicate !== undefined)
    return {
      code: "yaml-duplicate-key",
      message: `The mapping already has the key \`${duplicate}\`; GitHub's keys ignore case.`,
    };
  const choices = /^There's not enough info to determine what you meant\. Add one of these properties: (.*)$/.exec(
    message,
  )?.[1];
  if (choices !== undefined) return choicesFinding(choices);
  if (message.startsWith("A template expression is not allowed")) {
    return {
      code: "workflow-expression",
      message: "An expression is not allowed here.",
      help: "Write the value itself.",
    };
  }
  if (message.startsWith("The expression is not closed")) {
    return { code: "workflow-expression", message: "`${{` has no closing `}}`.", help: "Add the closing braces." };
  }
  return { code: "workflow-schema", message: sentence(message) };
}

/** The same for an expression; the reader's message is about its names and syntax. */
export function expressionFinding(message: string): Finding {
  const unknownName = /^Unrecognized named-value: '(.*)'$/.exec(message)?.[1];
  if (unknownName !== undefined) {
    return {
      code: "workflow-expression",
      message: `Unrecognized named-value: '${unknownName}'.`,
      help: `The context \`${unknownName}\` does not exist or is not available here. For text, use single quotes: '${unknownName}'.`,
    };
  }
  const unknownFunction = /^Unrecognized function: '(.*)'$/.exec(message)?.[1];
  if (unknownFunction !== undefined) {
    return {
      code: "workflow-expression",
      message: `Unrecognized function: '${unknownFunction}'.`,
      help: `The function \`${unknownFunction}\` does not exist or is not available here.`,
    };
  }
  return {
    code: "workflow-expression",
    message: sentence(message.replace(/ Located at position \d+ within expression.*$/s, "")),
  };
}

function unexpectedFinding(value: string, origin: Origin | undefined): Finding {
  const shown = value.length > 80 ? `${value.slice(0, 80)}…` : value;
  if (origin?.keyOf !== undefined) {
    if (foreignKeys.has(value))
      return {
        code: "workflow-unsupported",
        severity: "warning",
        message: `\`${value}\` has no effect here and is ignored.`,
        help: "Remove it, or keep it for the forge that supports it.",
      };
    if (value === "uses" && entryOf(origin.keyOf, "runs-on") !== undefined)
      return {
        code: "workflow-schema",
        message: "A job either has a runner and steps, or calls a workflow with `uses`.",
        help: "Remove `uses`, or move it into a step.",
      };
    if (value === "uses" || value === "run")
      return {
        code: "workflow-schema",
        message: "A step has either `run` or `uses`, not both.",
        help: "Split it into two steps.",
      };
    const help = didYouMean(value, knownKeys);
    return {
      code: "workflow-schema",
      message: `The key \`${shown}\` is not allowed here.`,
      ...(help === undefined ? {} : { help }),
    };
  }
  if (value === "")
    return {
      code: "workflow-schema",
      message: "The value is missing.",
      help: "Write the value, or remove the line.",
    };
  return { code: "workflow-schema", message: `The value \`${shown}\` is not allowed here.`, ...adviceOn(value) };
}

function adviceOn(value: string): { help?: string } {
  const help = didYouMean(value, knownKeys);
  return help === undefined ? {} : { help };
}

function choicesFinding(choices: string): Finding {
  if (choices.split(", ").includes("run"))
    return {
      code: "workflow-schema",
      message: "The step has neither `run` nor `uses`.",
      help: "Add `run:` with a script, or `uses:` with an action.",
    };
  return {
    code: "workflow-schema",
    message: `One of these keys is missing: ${choices}.`,
    help: "Add one of them.",
  };
}

const missingHelp: Readonly<Record<string, string>> = {
  on: "Say which events start the workflow, for example `on: push`.",
  jobs: "Add `jobs:` with at least one job.",
  "runs-on": "Say which runner the job needs, for example `runs-on: ubuntu-latest`.",
};

function sentence(message: string): string {
  const trimmed = message.trim();
  return /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}
