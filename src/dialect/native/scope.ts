import { didYouMean } from "../../model/index.ts";
import { fields } from "./fields.ts";

/** The value of a name in a template: known text, or an expression for later. */
export type Meaning =
  | { readonly kind: "text"; readonly text: string /** Outsiders cannot choose it. */; readonly trusted: boolean }
  | { readonly kind: "expression"; readonly expression: string };

/** Why a name has no value. */
export interface Unknown {
  readonly kind: "unknown";
  readonly message: string;
  readonly help: string;
  readonly code: "workflow-expression" | "workflow-unsupported";
}

/** A step that templates can name. */
export interface NamedStep {
  readonly id: string;
  readonly type: string;
}

/**
 * The names that templates of one step can use: fields of the event, inputs, variables, secrets, and the steps before
 * it.
 */
export class Scope {
  readonly #fields: ReadonlyMap<string, string>;
  readonly #inputs: ReadonlyMap<string, string>;
  readonly #vars: Readonly<Record<string, string>>;
  readonly #before: ReadonlyMap<string, NamedStep>;
  readonly #all: ReadonlyMap<string, NamedStep>;

  constructor(
    fields: ReadonlyMap<string, string>,
    inputs: ReadonlyMap<string, string>,
    vars: Readonly<Record<string, string>>,
    before: ReadonlyMap<string, NamedStep>,
    all: ReadonlyMap<string, NamedStep>,
  ) {
    this.#fields = fields;
    this.#inputs = inputs;
    this.#vars = vars;
    this.#before = before;
    this.#all = all;
  }

  /** Names to suggest. */
  get names(): readonly string[] {
    return [...this.#fields.keys(), ...[...this.#inputs.keys()].map((name) => `inputs.${name}`)];
  }

  resolve(name: string): Meaning | Unknown {
    const [first = "", ...rest] = name.split(".");
    if (rest.length === 0) {
      const field = this.#fields.get(name);
      if (field !== undefined) return { kind: "text", text: field, trusted: fields[name]?.trusted === true };
      return unknown(
        `Unknown field \`${name}\`.`,
        didYouMean(name, this.names) ??
          "Use a field of the event, `inputs.NAME`, `vars.NAME`, `secrets.NAME`, `env.NAME` or `STEP.OUTPUT`.",
      );
    }
    const key = rest.join(".");
    const step = this.#before.get(first);
    if (step !== undefined) return outputOf(step, key);
    switch (first) {
      case "inputs": {
        const input = this.#inputs.get(key);
        return input === undefined
          ? unknown(
              `The workflow has no input \`${key}\`.`,
              didYouMean(key, this.#inputs.keys()) ?? "Declare it under the `inputs` of a `manual` trigger.",
            )
          : { kind: "text", text: input, trusted: false };
      }
      case "vars":
        return { kind: "text", text: Object.hasOwn(this.#vars, key) ? (this.#vars[key] ?? "") : "", trusted: false };
      case "secrets":
      case "env":
        return { kind: "expression", expression: `${first}['${key}']` };
      default:
        if (this.#all.has(first))
          return unknown(`The step \`${first}\` has not run yet here.`, "Use only earlier steps.");
        return unknown(
          `No earlier step \`${first}\` with an output \`${key}\`.`,
          didYouMean(first, this.#all.keys()) ?? "Give that step a `name` or `id`.",
        );
    }
  }
}

function outputOf({ id, type }: NamedStep, key: string): Meaning | Unknown {
  if (key === "outcome" || key === "conclusion")
    return { kind: "expression", expression: `steps['${quoted(id)}'].${key}` };
  // Both streams go into one log, in order; an expression would silently be empty.
  if (type === "run_command" && (key === "stdout" || key === "stderr")) {
    return {
      ...unknown(
        `The output of \`${id}\` is not kept as \`${key}\`.`,
        `Use \`${id}.raw_output\`, which contains both streams.`,
      ),
      code: "workflow-unsupported",
    };
  }
  return { kind: "expression", expression: `steps['${quoted(id)}'].outputs['${quoted(key)}']` };
}

function quoted(text: string): string {
  return text.replaceAll("'", "''");
}

function unknown(message: string, help: string): Unknown {
  return { kind: "unknown", message, help, code: "workflow-expression" };
}
