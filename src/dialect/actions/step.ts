import { checkExpression, conditionOf } from "../../expression/index.ts";
import type { Expression, StepAction, StepPlan, Text } from "../../model/index.ts";
import { entryOf, type YamlNode } from "../yaml/index.ts";
import { stepIf, type ConditionPlace } from "./allowed.ts";
import { checkScript } from "./script.ts";
import { valueOf, type Values } from "./values.ts";

/** What run steps get that say nothing themselves. */
export interface RunDefaults {
  readonly shell?: Text;
  readonly workingDirectory?: Text;
}

/** `defaults: run:` of a workflow or job, over those of the level above. */
export function readDefaults(values: Values, node: YamlNode | undefined, above: RunDefaults = {}): RunDefaults {
  const run = valueOf(valueOf(node, "defaults"), "run");
  const shell = values.optionalText(valueOf(run, "shell")) ?? above.shell;
  const workingDirectory = values.optionalText(valueOf(run, "working-directory")) ?? above.workingDirectory;
  return { ...(shell === undefined ? {} : { shell }), ...(workingDirectory === undefined ? {} : { workingDirectory }) };
}

/** A job's steps, each with an id. */
export function readSteps(values: Values, node: YamlNode | undefined, defaults: RunDefaults): readonly StepPlan[] {
  if (node?.kind !== "sequence") return [];
  const ids = new StepIds();
  for (const item of node.items) {
    const id = entryOf(item, "id")?.value;
    if (id?.kind === "scalar") ids.take(values, id, id.source);
  }
  return node.items.filter((item) => item.kind === "mapping").map((item) => readStep(values, item, defaults, ids));
}

function readStep(values: Values, node: YamlNode, defaults: RunDefaults, ids: StepIds): StepPlan {
  const id = entryOf(node, "id")?.value;
  const name = values.optionalText(valueOf(node, "name"));
  const condition = readCondition(values, valueOf(node, "if"), stepIf);
  const timeout = valueOf(node, "timeout-minutes");
  const timeoutMinutes = timeout === undefined ? undefined : values.count(timeout);
  const tolerated = valueOf(node, "continue-on-error");
  const action = readAction(values, node, defaults);
  return {
    id: id?.kind === "scalar" && id.source !== "" ? id.source : ids.make(action),
    ...(name === undefined ? {} : { name }),
    at: values.document.place(node.start),
    ...(condition === undefined ? {} : { if: condition }),
    env: values.environment(valueOf(node, "env")),
    ...(timeoutMinutes === undefined ? {} : { timeoutMinutes }),
    ...(tolerated === undefined ? {} : { continueOnError: values.flag(tolerated) }),
    action,
  };
}

function readAction(values: Values, node: YamlNode, defaults: RunDefaults): StepAction {
  const uses = valueOf(node, "uses");
  const inputs = valueOf(node, "with");
  if (uses !== undefined) {
    const reference = values.text(uses);
    if (typeof reference === "string") checkReference(values, uses, reference);
    if (inputs?.kind === "scalar") {
      values.report(inputs, { code: "workflow-unsupported", message: "`with` cannot be an expression as a whole.", help: "Write the inputs out, each with its own expression." });
    }
    const script = typeof reference === "string" && reference.startsWith("actions/github-script@") ? valueOf(inputs, "script") : undefined;
    if (script?.kind === "scalar") checkScript(values, script);
    return { type: "uses", reference, with: values.texts(inputs) };
  }
  const run = entryOf(node, "run")?.value;
  if (run?.kind === "scalar") checkScript(values, run);
  const shell = values.optionalText(valueOf(node, "shell")) ?? defaults.shell;
  const workingDirectory = values.optionalText(valueOf(node, "working-directory")) ?? defaults.workingDirectory;
  return {
    type: "run",
    script: run === undefined ? "" : values.text(run),
    ...(shell === undefined ? {} : { shell }),
    ...(workingDirectory === undefined ? {} : { workingDirectory }),
  };
}

/** `./path` in the workspace, `$/path` in the repository at the run's commit, `docker://image`, `owner/name[/path]@ref`, or a full address with `@ref` as Gitea and Forgejo have. */
function checkReference(values: Values, node: YamlNode, reference: string): void {
  if (/^(\.\.?([/\\]|$)|docker:\/\/.|\$\/[^@]*$)/.test(reference)) return;
  if (/^(?!\$\/)(https?:\/\/[^/]+\/)?[^/@\s]+\/[^@\s]+@\S+$/.test(reference)) return;
  values.report(node, {
    code: "workflow-schema",
    message: `\`${reference}\` names no action.`,
    help: "Write `owner/name@ref`, `./path` or `$/path` for an action of this repository, or `docker://image`.",
  });
}

/** A checked `if`, with `success()` put before it where it does not ask for the status itself. */
export function readCondition(values: Values, node: YamlNode | undefined, allowed: ConditionPlace): Expression | undefined {
  const condition = values.condition(node);
  if (condition === undefined || node?.kind !== "scalar") return undefined;
  // What stands in `${{ }}` has been checked with the schema.
  const problem = node.source.includes("${{") ? undefined : checkExpression(condition.$expr, allowed);
  if (problem !== undefined) {
    const start = values.document.text.indexOf(condition.$expr, node.start) + problem.offset;
    const at = start >= node.start && start < node.end ? start : node.start;
    values.report({ start: at, end: node.end }, { code: "workflow-expression", message: `${problem.message}.`, help: allowed.help });
  }
  return { ...condition, $expr: conditionOf(condition.$expr) };
}

/** Ids of the steps of one job: the authors' own, and made-up ones for the others. */
class StepIds {
  readonly #taken = new Set<string>();
  readonly #counts = new Map<string, number>();

  take(values: Values, node: YamlNode, id: string): void {
    const problem = problemOfId(id) ?? (this.#taken.has(id.toLowerCase()) ? "is the id of another step of this job" : undefined);
    if (problem !== undefined) values.report(node, { code: "workflow-schema", message: `The id \`${id}\` ${problem}.`, help: "Choose another id: letters, digits, `-` and `_`." });
    this.#taken.add(id.toLowerCase());
  }

  make(action: StepAction): string {
    const base = `__${action.type === "uses" && typeof action.reference === "string" ? wordsOf(action.reference) : "run"}`;
    const count = (this.#counts.get(base) ?? 0) + 1;
    this.#counts.set(base, count);
    return count === 1 ? base : `${base}_${count}`;
  }
}

/** By owner and repository, as on GitHub: `actions/cache/save@v4` is `actions_cache`; an action in the workspace is `self`, one of the repository itself `selfRepository`. */
function wordsOf(reference: string): string {
  if (reference.startsWith(".")) return "self";
  if (reference.startsWith("$/")) return "selfRepository";
  const path = reference.replace(/@.*$/s, "").replace(/^https?:\/\/[^/]+\//, "");
  const words = path.startsWith("docker://") ? path.slice("docker://".length) : path.split("/").slice(0, 2).join("/");
  return words.replaceAll(/[^A-Za-z0-9_-]/g, "_").slice(0, 80);
}

/** What is wrong with an id of a job or step, by GitHub's rules. */
export function problemOfId(id: string): string | undefined {
  if (!/^[A-Za-z_][A-Za-z0-9_-]*$/.test(id)) return "is not made of letters, digits, `-` and `_`, beginning with a letter or `_`";
  if (id.startsWith("__")) return "begins with `__`, which is reserved";
  if (id.length >= 100) return "is longer than 99 characters";
  return undefined;
}
