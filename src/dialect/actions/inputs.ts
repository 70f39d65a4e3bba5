import type { Diagnostic, Event, Json } from "../../model/index.ts";
import { toJson, type YamlDocument, type YamlEntry, type YamlNode } from "../yaml/index.ts";
import { triggersOf } from "./trigger.ts";
import { namesIn, valueOf } from "./values.ts";

export interface Inputs {
  /** With their types, as in the `inputs` context. */
  readonly typed: Readonly<Record<string, Json>>;
  /** As text, as in `github.event.inputs`. */
  readonly texts: Readonly<Record<string, string>>;
  readonly diagnostics: readonly Diagnostic[];
}

const none: Inputs = { typed: {}, texts: {}, diagnostics: [] };

/** The inputs of a workflow started by hand: checked, with defaults, in their types. */
export function readInputs(document: YamlDocument, on: YamlNode, event: Event): Inputs {
  if (event.kind !== "manual") return none;
  const declared = valueOf(triggersOf(on).get("workflow_dispatch"), "inputs");
  const entries = declared?.kind === "mapping" ? declared.entries : [];
  const given = new Map(Object.entries(event.inputs ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
  const diagnostics: Diagnostic[] = [];
  const typed: [string, Json][] = [];
  for (const entry of entries) {
    const result = readInput(entry, given.get(entry.key.toLowerCase()));
    given.delete(entry.key.toLowerCase());
    if (typeof result === "object" && result !== null && "problem" in result) {
      diagnostics.push(
        document.diagnostic(entry.keyNode, {
          code: "call-invalid",
          message: result.problem,
          help: `Set it with \`--input ${entry.key}=…\`, or in the form that starts the workflow.`,
        }),
      );
    } else typed.push([entry.key, result]);
  }
  for (const name of given.keys()) {
    diagnostics.push(
      document.diagnostic(on, {
        code: "call-invalid",
        severity: "warning",
        message: `The workflow has no input \`${name}\`; the value is ignored.`,
      }),
    );
  }
  return {
    typed: Object.fromEntries(typed),
    texts: Object.fromEntries(typed.map(([name, value]) => [name, String(value ?? "")])),
    diagnostics,
  };
}

function readInput(entry: YamlEntry, given: string | undefined): Exclude<Json, object> | { readonly problem: string } {
  const { key, value: node } = entry;
  const type = scalarOf(valueOf(node, "type")) ?? "string";
  const otherwise = valueOf(node, "default");
  const text = given ?? (otherwise?.kind === "scalar" ? String(otherwise.value ?? "") : undefined);
  if ((text === undefined || text === "") && toJsonOf(valueOf(node, "required")) === true)
    return { problem: `The input \`${key}\` is required.` };
  switch (type) {
    case "boolean":
      if (text === undefined || text === "") return false;
      return text === "true" || text === "false"
        ? text === "true"
        : { problem: `The input \`${key}\` must be \`true\` or \`false\`, not \`${shorten(text)}\`.` };
    case "number": {
      if (text === undefined || text.trim() === "") return null;
      const number = Number(text);
      return Number.isFinite(number)
        ? number
        : { problem: `The input \`${key}\` must be a number, not \`${shorten(text)}\`.` };
    }
    case "choice": {
      const options = namesIn(valueOf(node, "options")).map((each) => each.name);
      const chosen = text ?? options[0] ?? "";
      return options.includes(chosen)
        ? chosen
        : { problem: `The input \`${key}\` must be one of ${options.join(", ")}, not \`${shorten(chosen)}\`.` };
    }
    default:
      return text ?? "";
  }
}

function scalarOf(node: YamlNode | undefined): string | undefined {
  return node?.kind === "scalar" ? node.source : undefined;
}

function toJsonOf(node: YamlNode | undefined): Json | undefined {
  return node === undefined ? undefined : toJson(node);
}

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
