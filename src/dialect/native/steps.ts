import { conditionOf, checkExpression, findExpressions, isProblem } from "../../expression/index.ts";
import {
  didYouMean,
  typedSteps,
  type Environment,
  type Expression,
  type Place,
  type StepAction,
  type StepPlan,
  type Template,
  type Text,
} from "../../model/index.ts";
import { composeText } from "../compose.ts";
import { flagOf, textOf, textsOf, type Report } from "../shape/index.ts";
import { entryOf, type Spanned, type YamlDocument, type YamlNode, type YamlScalar } from "../yaml/index.ts";
import { safeCommand } from "./command.ts";
import { futureSteps, stepShapes } from "./grammar.ts";
import { Scope, type NamedStep } from "./scope.ts";
import { expressionNames, parseTemplate, type TemplateProblem } from "./template.ts";

export interface StepSource {
  readonly document: YamlDocument;
  readonly fields: ReadonlyMap<string, string>;
  readonly inputs: ReadonlyMap<string, string>;
  readonly vars: Readonly<Record<string, string>>;
  readonly report: Report;
}

/** The steps of a workflow, in file order; a step without `needs` waits for the one before it. */
export function buildSteps(node: YamlNode | undefined, source: StepSource): readonly StepPlan[] {
  const items = node?.kind === "sequence" ? node.items.filter((item) => item.kind === "mapping") : [];
  if (node !== undefined && items.length === 0)
    source.report({
      span: node,
      tolerated: false,
      code: "workflow-schema",
      message: "`steps` is empty.",
      help: "Add at least one step.",
    });
  const ids = nameSteps(items, source.report);
  const all = new Map<string, NamedStep>();
  items.forEach((item, index) => announce(all, item, ids[index] ?? ""));
  const before = new Map<string, NamedStep>();
  const steps = items.map((item, index) => {
    const builder = new StepBuilder(
      item,
      index,
      new Scope(source.fields, source.inputs, source.vars, before, all),
      source,
    );
    const step = builder.build(ids[index] ?? `__${index + 1}`, [...before.keys()], all);
    announce(before, item, ids[index] ?? "");
    return step;
  });
  return withOutputs(withNeeds(steps, items, ids, all));
}

/** A step can be named by its id and by its name. */
function announce(known: Map<string, NamedStep>, item: YamlNode, id: string): void {
  const step = { id, type: textOf(entryOf(item, "type")?.value) };
  for (const key of ["id", "name"]) {
    const name = textOf(entryOf(item, key)?.value);
    if (name !== "" && !known.has(name)) known.set(name, step);
  }
}

function nameSteps(items: readonly YamlNode[], report: Report): readonly string[] {
  const seen = new Set<string>();
  return items.map((item, index) => {
    const node = entryOf(item, "id")?.value ?? entryOf(item, "name")?.value;
    const name = textOf(node);
    if (name === "" || node === undefined) return `__${index + 1}`;
    if (seen.has(name) || name.startsWith("__")) {
      const message = seen.has(name)
        ? `Two steps are called \`${name}\`; names must be unique, because they refer to a step's outputs.`
        : "Names that begin with `__` are reserved.";
      report({
        span: node,
        tolerated: false,
        code: "workflow-schema",
        message,
        help: "Give one of them another `name` or an `id`.",
      });
    }
    seen.add(name);
    return name;
  });
}

/**
 * Once one step has `needs`, the plan's steps form a graph, and the others must say that they wait for the previous
 * one.
 */
function withNeeds(
  steps: readonly StepPlan[],
  items: readonly YamlNode[],
  ids: readonly string[],
  all: ReadonlyMap<string, NamedStep>,
): readonly StepPlan[] {
  const written = items.map((item) => entryOf(item, "needs")?.value);
  if (written.every((needs) => needs === undefined)) return steps;
  return steps.map((step, index) => {
    const needs = written[index];
    if (needs === undefined) return { ...step, needs: ids.slice(Math.max(0, index - 1), index) };
    return { ...step, needs: textsOf(needs).map((name) => all.get(name)?.id ?? name) };
  });
}

/** Keep a command's output if anything in the file uses it. */
function withOutputs(steps: readonly StepPlan[]): readonly StepPlan[] {
  if (!JSON.stringify(steps).includes("raw_output")) return steps;
  return steps.map((step) =>
    step.action.type === "run" ? { ...step, action: { ...step.action, keepsOutput: true } } : step,
  );
}

class StepBuilder {
  readonly #node: YamlNode;
  readonly #where: string;
  readonly #scope: Scope;
  readonly #source: StepSource;

  constructor(node: YamlNode, index: number, scope: Scope, source: StepSource) {
    this.#node = node;
    this.#where = `steps[${index}]`;
    this.#scope = scope;
    this.#source = source;
  }

  build(id: string, before: readonly string[], all: ReadonlyMap<string, NamedStep>): StepPlan {
    this.#checkNeeds(before, all);
    const name = this.#at("name");
    const condition = this.#condition();
    const { action, env } = this.#action();
    const minutes = Number(textOf(this.#at("timeout_minutes")));
    return {
      id,
      ...(name?.kind === "scalar" ? { name: this.#text(name) } : {}),
      at: this.#place(name ?? this.#node),
      ...(condition === undefined ? {} : { if: condition }),
      env: { ...environmentOf(this.#at("env"), (value) => this.#text(value)), ...env },
      ...(minutes > 0 ? { timeoutMinutes: minutes } : {}),
      ...(flagOf(this.#at("continue_on_error"), false) ? { continueOnError: true } : {}),
      action,
    };
  }

  #at(key: string): YamlNode | undefined {
    return entryOf(this.#node, key)?.value;
  }

  #place(span: Spanned): Place {
    return this.#source.document.place(span.start);
  }

  /** Only earlier steps can be needed, so there is never a cycle. */
  #checkNeeds(before: readonly string[], all: ReadonlyMap<string, NamedStep>): void {
    const node = this.#at("needs");
    for (const item of node?.kind === "sequence" ? node.items : node === undefined ? [] : [node]) {
      const name = textOf(item);
      if (before.includes(name)) continue;
      const message = all.has(name)
        ? `The step needs \`${name}\`, which comes later in the file.`
        : `The step needs \`${name}\`, which does not exist.`;
      this.#source.report({
        span: item,
        tolerated: false,
        code: all.has(name) ? "workflow-needs-cycle" : "workflow-needs-unknown",
        message,
        help: didYouMean(name, before) ?? "Use the `name` or `id` of an earlier step.",
      });
    }
  }

  #action(): { readonly action: StepAction; readonly env: Environment } {
    const typeNode = this.#at("type");
    const type = textOf(typeNode);
    const shape = Object.hasOwn(stepShapes, type) ? stepShapes[type] : undefined;
    if (shape === undefined) this.#reportType(type, typeNode);
    else shape(this.#node, this.#where, this.#source.report);
    const kind = typedSteps.find((each) => each === type);
    if (kind === undefined) return this.#command(type === "run_command");
    return { action: { type: "typed", kind, config: this.#config(kind) }, env: {} };
  }

  #reportType(type: string, typeNode: YamlNode | undefined): void {
    const span = typeNode ?? this.#node;
    const { report } = this.#source;
    const kinds = Object.keys(stepShapes);
    if (typeNode === undefined)
      report({
        span,
        tolerated: false,
        code: "workflow-schema",
        message: `\`${this.#where}\` has no \`type\`.`,
        help: `Add \`type:\` with one of ${kinds.join(", ")}.`,
      });
    else if (futureSteps.has(type))
      report({
        span,
        tolerated: false,
        code: "workflow-unsupported",
        message: `Steps of type \`${type}\` are not supported yet.`,
        help: `Supported types: ${kinds.join(", ")}.`,
      });
    else
      report({
        span,
        tolerated: false,
        code: "workflow-schema",
        message: `Unknown step type \`${type}\`.`,
        help: didYouMean(type, [...kinds, ...futureSteps]) ?? `Types: ${kinds.join(", ")}.`,
      });
  }

  #command(required: boolean): { readonly action: StepAction; readonly env: Environment } {
    const node = this.#at("command") ?? this.#at("commands");
    if (required && textsOf(node).every((line) => line.trim() === "")) {
      this.#source.report({
        span: node ?? this.#node,
        tolerated: false,
        code: "workflow-schema",
        message: `\`${this.#where}\` has no \`command\`.`,
        help: "Add `command:` with the command to run.",
      });
    }
    const shell = textOf(this.#at("shell"));
    const directory = this.#at("working_directory");
    const env: Record<string, Text> = {};
    const lines = (node?.kind === "sequence" ? node.items : node === undefined ? [] : [node]).map((line) => {
      if (line.kind !== "scalar") return "";
      const { slots, problems } = parseTemplate(textOf(line), this.#scope, true);
      // A variable of one line must not be overwritten by another with a different value.
      const command = safeCommand(textOf(line), slots, shell, env);
      this.#problems(line, [...problems, ...command.problems]);
      return command.script;
    });
    const action: StepAction = {
      type: "run",
      script: lines.join("\n"),
      ...(shell === "" ? {} : { shell }),
      ...(directory?.kind === "scalar" ? { workingDirectory: this.#text(directory) } : {}),
    };
    return { action, env };
  }

  /** Everything specific to this type of step. */
  #config(type: string): Readonly<Record<string, Template>> {
    const common = new Set([
      "id",
      "type",
      "if",
      "needs",
      "env",
      "timeout_minutes",
      "continue_on_error",
      ...(type === "upload_artifact" ? [] : ["name"]),
    ]);
    const entries = this.#node.kind === "mapping" ? this.#node.entries.filter(({ key }) => !common.has(key)) : [];
    const config = Object.fromEntries(entries.map(({ key, value }) => [key, this.#template(value)]));
    if (type !== "upload_artifact" || config["artifact"] === undefined) return config;
    const { artifact, ...rest } = config;
    return { ...rest, name: artifact };
  }

  #template(node: YamlNode): Template {
    if (node.kind === "sequence") return node.items.map((item) => this.#template(item));
    if (node.kind === "mapping")
      return Object.fromEntries(node.entries.map(({ key, value }) => [key, this.#template(value)]));
    return typeof node.value === "string" ? this.#text(node) : node.value;
  }

  #text(node: YamlScalar): Text {
    return templateText(node, this.#scope, this.#source);
  }

  #condition(): Expression | undefined {
    const node = this.#at("if");
    if (node?.kind !== "scalar") return undefined;
    const written = textOf(node).trim();
    const parts = findExpressions(written);
    const [whole] = isProblem(parts) ? [] : parts;
    const expression =
      whole !== undefined && whole.start === 0 && whole.end === written.length ? whole.expression : written;
    const problem = checkExpression(expression, {
      contexts: expressionNames.contexts,
      functions: [...expressionNames.functions, "success", "failure", "always", "cancelled"],
    });
    if (problem === undefined) return { $expr: conditionOf(expression), at: this.#place(node) };
    const help = "Write an expression, for example `success() && event.branch == 'main'`.";
    this.#source.report({
      span: node,
      tolerated: false,
      code: "workflow-expression",
      message: `${problem.message}.`,
      help,
    });
    return undefined;
  }

  #problems(node: YamlScalar, problems: readonly TemplateProblem[]): void {
    reportProblems(node, problems, this.#source);
  }
}

/** Text with templates, anywhere but in a command. */
export function templateText(node: YamlScalar, scope: Scope, source: StepSource): Text {
  const text = textOf(node);
  const { slots, problems } = parseTemplate(text, scope, false);
  reportProblems(node, problems, source);
  const at = source.document.place(node.start);
  let from = 0;
  const pieces = slots.flatMap(({ start, end, meaning }) => {
    const literal = text.slice(from, start);
    from = end;
    return [literal, meaning.kind === "text" ? meaning.text : { $expr: meaning.expression, at }];
  });
  return composeText([...pieces, text.slice(from)]);
}

export function environmentOf(
  node: YamlNode | undefined,
  text: (value: YamlScalar) => Text,
): Readonly<Record<string, Text>> {
  if (node?.kind !== "mapping") return {};
  return Object.fromEntries(
    node.entries.flatMap(({ key, value }): [string, Text][] =>
      value.kind === "scalar" && value.value !== null ? [[key, text(value)]] : [],
    ),
  );
}

function reportProblems(
  node: YamlScalar,
  problems: readonly TemplateProblem[],
  { document, report }: StepSource,
): void {
  for (const { start, end, code, message, help, warning } of problems) {
    report({
      span: within(document, node, start, end),
      tolerated: false,
      code,
      message,
      help,
      ...(warning === true ? { severity: "warning" } : {}),
    });
  }
}

/** The exact place in the file, if the text appears there unchanged; otherwise the whole text. */
function within(document: YamlDocument, node: YamlScalar, start: number, end: number): Spanned {
  const piece = textOf(node).slice(start, end);
  const raw = document.text.slice(node.start, node.end);
  // The same piece can occur several times: count those before it.
  let at = raw.indexOf(piece);
  for (let count = occurrences(textOf(node).slice(0, start), piece); count > 0 && at >= 0; count -= 1)
    at = raw.indexOf(piece, at + piece.length);
  return piece === "" || at < 0 ? node : { start: node.start + at, end: node.start + at + piece.length };
}

function occurrences(text: string, piece: string): number {
  return piece === "" ? 0 : text.split(piece).length - 1;
}
