import { didYouMean } from "../../model/index.ts";
import { fields } from "./fields.ts";

/** What a name in a template stands for: text that is known already, or an expression for later. */
export type Meaning =
  | { readonly kind: "text"; readonly text: string /** Nobody outside can choose it. */; readonly trusted: boolean }
  | { readonly kind: "expression"; readonly expression: string };

/** Why a name stands for nothing. */
export interface Unknown {
  readonly kind: "unknown";
  readonly message: string;
  readonly help: string;
  readonly code: "workflow-expression" | "workflow-unsupported";
}

/** A step that templates may name. */
export interface NamedStep {
  readonly id: string;
  readonly type: string;
}

/** The names that templates of one step may use: fields of the event, inputs, variables, secrets, and the steps before it. */
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

  /** Names that could have been meant, for advice. */
  get names(): readonly string[] {
    return [...this.#fields.keys(), ...[...this.#inputs.keys()].map((name) => `inputs.${name}`)];
  }

  resolve(name: string): Meaning | Unknown {
    const [first = "", ...rest] = name.split(".");
    if (rest.length === 0) {
      const field = this.#fields.get(name);
      if (field !== undefined) return { kind: "text", text: field, trusted: fields[name]?.trusted === true };
      return unknown(
        `There is no field \`${name}\`.`,
        didYouMean(name, this.names) ??
          "Fields of the event, `inputs.NAME`, `vars.NAME`, `secrets.NAME`, `env.NAME` and `STEP.OUTPUT` can stand here.",
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
          return unknown(`The step \`${first}\` has not run yet at this place.`, "Only steps further up can be named.");
        return unknown(
          `There is no step \`${first}\` whose output \`${key}\` could stand here.`,
          didYouMean(first, this.#all.keys()) ?? "Give the step that is meant a `name` or `id`.",
        );
    }
  }
}

function outputOf({ id, type }: NamedStep, key: string): Meaning | Unknown {
  if (key === "outcome" || key === "conclusion")
    return { kind: "expression", expression: `steps['${quoted(id)}'].${key}` };
  // Both go into one log, in their order; an expression would be empty without a word.
  if (type === "run_command" && (key === "stdout" || key === "stderr")) {
    return {
      ...unknown(
        `What the command of \`${id}\` prints is not kept as \`${key}\`.`,
        `Name \`${id}.raw_output\`, which is both together.`,
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
