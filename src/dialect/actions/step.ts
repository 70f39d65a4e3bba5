import { checkExpression, conditionOf } from "../../expression/index.ts";
import type { Expression, StepAction, StepPlan, Text } from "../../model/index.ts";
import { entryOf, type YamlEntry, type YamlNode } from "../yaml/index.ts";
import { stepIf, type ConditionPlace } from "./allowed.ts";
import { checkScript } from "./script.ts";
import { namesIn, valueOf, type Values } from "./values.ts";

/** Defaults for run steps. */
export interface RunDefaults {
  readonly shell?: Text;
  readonly workingDirectory?: Text;
}

/** `defaults: run:` of a workflow or job, merged over those of the level above. */
export function readDefaults(values: Values, node: YamlNode | undefined, above: RunDefaults = {}): RunDefaults {
  const run = valueOf(valueOf(node, "defaults"), "run");
  const shell = values.optionalText(valueOf(run, "shell")) ?? above.shell;
  const workingDirectory = values.optionalText(valueOf(run, "working-directory")) ?? above.workingDirectory;
  return { ...(shell === undefined ? {} : { shell }), ...(workingDirectory === undefined ? {} : { workingDirectory }) };
}

/**
 * A job's steps, each with an id. A parallel group becomes its steps, in the background, plus a step that waits for
 * them.
 */
export function readSteps(values: Values, node: YamlNode | undefined, defaults: RunDefaults): readonly StepPlan[] {
  const ids = new StepIds();
  for (const item of stepNodes(node).flatMap((step) => [step, ...stepNodes(valueOf(step, "parallel"))])) {
    const id = entryOf(item, "id")?.value;
    if (id?.kind === "scalar") ids.take(values, id, id.source);
  }
  const steps: StepPlan[] = [];
  for (const item of stepNodes(node)) {
    const group = entryOf(item, "parallel");
    if (group === undefined) steps.push(readWaiting(values, item, ids, steps) ?? readStep(values, item, defaults, ids));
    else steps.push(...readGroup(values, group, defaults, ids));
  }
  return steps;
}

function stepNodes(node: YamlNode | undefined): readonly YamlNode[] {
  return node?.kind === "sequence" ? node.items.filter((item) => item.kind === "mapping") : [];
}

function readStep(values: Values, node: YamlNode, defaults: RunDefaults, ids: StepIds): StepPlan {
  const condition = readCondition(values, valueOf(node, "if"), stepIf);
  const timeout = valueOf(node, "timeout-minutes");
  const timeoutMinutes = timeout === undefined ? undefined : values.count(timeout);
  const background = valueOf(node, "background");
  const action = readAction(values, node, defaults);
  return {
    ...readOutline(values, node, action, ids),
    ...(condition === undefined ? {} : { if: condition }),
    env: values.environment(valueOf(node, "env")),
    ...(timeoutMinutes === undefined ? {} : { timeoutMinutes }),
    ...(background !== undefined && values.flag(background) === true ? { background: true } : {}),
    action,
  };
}

/** Keys that every kind of step can have. */
function readOutline(
  values: Values,
  node: YamlNode,
  action: StepAction,
  ids: StepIds,
): Pick<StepPlan, "id" | "name" | "at" | "continueOnError"> {
  const id = entryOf(node, "id")?.value;
  const name = values.optionalText(valueOf(node, "name"));
  const tolerated = valueOf(node, "continue-on-error");
  return {
    id: id?.kind === "scalar" && id.source !== "" ? id.source : ids.make(action),
    ...(name === undefined ? {} : { name }),
    at: values.document.place(node.start),
    ...(tolerated === undefined ? {} : { continueOnError: values.flag(tolerated) }),
  };
}

/** Steps that wait for others or cancel them run whatever the state is. */
const always: Expression = { $expr: "always()" };

/**
 * `wait`, `wait-all` and `cancel`; undefined for any other step. @param before the steps above it, which it can name.
 */
function readWaiting(values: Values, node: YamlNode, ids: StepIds, before: readonly StepPlan[]): StepPlan | undefined {
  const all = entryOf(node, "wait-all");
  const targets = (entryOf(node, "wait") ?? entryOf(node, "cancel"))?.value;
  if (all === undefined && targets === undefined) return undefined;
  if (all?.value.kind === "scalar" && all.value.value === false)
    values.report(all.value, {
      code: "workflow-schema",
      message: "`wait-all` must be empty or `true`.",
      help: "Write `wait-all:`, or remove the step.",
    });
  const names = targets === undefined ? [] : namesIn(targets);
  for (const { name, node: at } of names) {
    if (before.some((step) => step.id === name && step.background === true)) continue;
    values.report(at, {
      code: "workflow-schema",
      message: `No background step above has the id \`${name}\`.`,
      help: "Give that step `background: true` and this id.",
    });
  }
  const steps = names.map(({ name }) => name);
  const action: StepAction =
    all !== undefined
      ? { type: "wait", steps: "all" }
      : entryOf(node, "wait") === undefined
        ? { type: "cancel", steps }
        : { type: "wait", steps };
  return { ...readOutline(values, node, action, ids), if: always, env: {}, action };
}

function readGroup(values: Values, group: YamlEntry, defaults: RunDefaults, ids: StepIds): readonly StepPlan[] {
  const steps = stepNodes(group.value).map((item): StepPlan => {
    const other = ["background", "wait", "wait-all", "cancel", "parallel"]
      .map((key) => entryOf(item, key))
      .find((entry) => entry !== undefined);
    if (other !== undefined)
      values.report(other.keyNode, {
        code: "workflow-schema",
        message: `\`${other.key}\` is not allowed in a \`parallel\` group.`,
        help: "The steps of a group run in the background and the group waits for them: move this step before or after the group.",
      });
    return { ...readStep(values, item, defaults, ids), background: true };
  });
  const action: StepAction = { type: "wait", steps: steps.map(({ id }) => id) };
  return [
    ...steps,
    {
      id: ids.make(action, "parallel"),
      name: "Wait for the parallel steps",
      at: values.document.place(group.keyNode.start),
      if: always,
      env: {},
      action,
    },
  ];
}

function readAction(values: Values, node: YamlNode, defaults: RunDefaults): StepAction {
  const uses = valueOf(node, "uses");
  const inputs = valueOf(node, "with");
  if (uses !== undefined) {
    const reference = values.text(uses);
    if (typeof reference === "string") checkReference(values, uses, reference);
    if (inputs?.kind === "scalar") {
      values.report(inputs, {
        code: "workflow-unsupported",
        message: "`with` cannot be one expression.",
        help: "Write each input with its own expression.",
      });
    }
    const script =
      typeof reference === "string" && reference.startsWith("actions/github-script@")
        ? valueOf(inputs, "script")
        : undefined;
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

/**
 * `./path` in the workspace, `$/path` in the repository at the run's commit, `docker://image`, `owner/name[/path]@ref`,
 * or a full URL with `@ref` as on Gitea and Forgejo.
 */
function checkReference(values: Values, node: YamlNode, reference: string): void {
  if (/^(\.\.?([/\\]|$)|docker:\/\/.|\$\/[^@]*$)/.test(reference)) return;
  if (/^(?!\$\/)(https?:\/\/[^/]+\/)?[^/@\s]+\/[^@\s]+@\S+$/.test(reference)) return;
  values.report(node, {
    code: "workflow-schema",
    message: `\`${reference}\` is not an action.`,
    help: "Write `owner/name@ref`, `./path` or `$/path` for an action of this repository, or `docker://image`.",
  });
}

/** A checked `if`, with `success()` added if it calls no status function. */
export function readCondition(
  values: Values,
  node: YamlNode | undefined,
  allowed: ConditionPlace,
): Expression | undefined {
  const condition = values.condition(node);
  if (condition === undefined || node?.kind !== "scalar") return undefined;
  // Everything in `${{ }}` was checked with the schema.
  const problem = node.source.includes("${{") ? undefined : checkExpression(condition.$expr, allowed);
  if (problem !== undefined) {
    const start = values.document.text.indexOf(condition.$expr, node.start) + problem.offset;
    const at = start >= node.start && start < node.end ? start : node.start;
    values.report(
      { start: at, end: node.end },
      { code: "workflow-expression", message: `${problem.message}.`, help: allowed.help },
    );
  }
  return { ...condition, $expr: conditionOf(condition.$expr) };
}

/** Ids of the steps of one job: the authors' own, and generated ones for the others. */
class StepIds {
  readonly #taken = new Set<string>();
  readonly #counts = new Map<string, number>();

  take(values: Values, node: YamlNode, id: string): void {
    const problem =
      problemOfId(id) ??
      (this.#taken.has(id.toLowerCase()) ? "is already the id of another step of this job" : undefined);
    if (problem !== undefined)
      values.report(node, {
        code: "workflow-schema",
        message: `The id \`${id}\` ${problem}.`,
        help: "Choose another id: letters, digits, `-` and `_`.",
      });
    this.#taken.add(id.toLowerCase());
  }

  /** @param base what the generated id is based on, instead of the action. */
  make(action: StepAction, base = baseOf(action)): string {
    const id = `__${base}`;
    const count = (this.#counts.get(id) ?? 0) + 1;
    this.#counts.set(id, count);
    return count === 1 ? id : `${id}_${count}`;
  }
}

function baseOf(action: StepAction): string {
  if (action.type === "wait") return action.steps === "all" ? "wait-all" : "wait";
  if (action.type === "cancel") return "cancel";
  return action.type === "uses" && typeof action.reference === "string" ? baseOfReference(action.reference) : "run";
}

/**
 * From owner and repository, as on GitHub: `actions/cache/save@v4` is `actions_cache`; an action in the workspace is
 * `self`, one of the repository itself `selfRepository`.
 */
function baseOfReference(reference: string): string {
  if (reference.startsWith(".")) return "self";
  if (reference.startsWith("$/")) return "selfRepository";
  const path = reference.replace(/@.*$/s, "").replace(/^https?:\/\/[^/]+\//, "");
  const name = path.startsWith("docker://") ? path.slice("docker://".length) : path.split("/").slice(0, 2).join("/");
  return name.replaceAll(/[^A-Za-z0-9_-]/g, "_").slice(0, 80);
}

/** What is wrong with the id of a job or step, by GitHub's rules. */
export function problemOfId(id: string): string | undefined {
  if (!/^[A-Za-z_][A-Za-z0-9_-]*$/.test(id))
    return "must consist of letters, digits, `-` and `_`, and begin with a letter or `_`";
  if (id.startsWith("__")) return "begins with `__`, which is reserved";
  if (id.length >= 100) return "is longer than 99 characters";
  return undefined;
}
