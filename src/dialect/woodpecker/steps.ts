import type {
  Environment,
  Expression,
  Place,
  Service,
  StepAction,
  StepPlan,
  Template,
  Text,
} from "../../model/index.ts";
import { isGraph, stagesOf } from "./graph.ts";
import type { Cell } from "./matrix.ts";
import type { WoodpeckerEvent } from "./metadata.ts";
import { templateOf, variableText } from "./values.ts";
import { statusCondition, type Condition } from "./when.ts";
import type { Container, Variable, Workflow } from "./workflow.ts";

/** A container that runs for the event, with its matching conditions. */
export interface Chosen {
  readonly container: Container;
  readonly conditions: readonly Condition[];
}

export interface StepContext {
  readonly event: WoodpeckerEvent;
  readonly cell: Cell;
  readonly place: (offset: number) => Place;
  /** The run's page, if there is a server. */
  readonly url?: string | undefined;
}

/** The steps of a job: the clone first, then the author's, in order or as a graph. */
export function buildSteps(
  workflow: Workflow,
  clones: readonly Chosen[],
  steps: readonly Chosen[],
  context: StepContext,
): readonly StepPlan[] {
  const ids = new Set<string>();
  const cloned = cloneSteps(workflow, clones, context, ids);
  const built = steps.map((chosen, index) => buildStep(chosen, cloned.length + index + 1, context, ids));
  if (!isGraph(steps.map(({ container }) => container))) return [...cloned, ...built];
  const row = cloned.map((step, index) => ({
    ...step,
    needs: cloned.slice(Math.max(0, index - 1), index).map(({ id }) => id),
  }));
  const graph = [...built];
  let before = row.slice(-1).map(({ id }) => id);
  for (const stage of stagesOf(steps.map(({ container }) => container))) {
    const here = stage.flatMap((index) => {
      const step = built[index];
      if (step === undefined) return [];
      graph[index] = { ...step, needs: before };
      return [step.id];
    });
    before = here;
  }
  return [...row, ...graph];
}

function cloneSteps(
  workflow: Workflow,
  clones: readonly Chosen[],
  context: StepContext,
  ids: Set<string>,
): readonly StepPlan[] {
  if (workflow.skipClone) return [];
  if (workflow.clone !== undefined)
    return clones.map((chosen, index) => buildStep(chosen, index + 1, context, ids, "clone"));
  ids.add("clone");
  // As in Woodpecker: the whole history, and tags only if the event is one.
  const config = { fetch_depth: 0, ...(context.event === "tag" ? { fetch_tags: true } : {}) };
  return [
    {
      id: "clone",
      name: "clone",
      env: stepVariables("clone", 1, "clone", context),
      action: { type: "typed", kind: "checkout", config },
    },
  ];
}

function buildStep(
  { container, conditions }: Chosen,
  number: number,
  context: StepContext,
  ids: Set<string>,
  kind?: "clone",
): StepPlan {
  const at = context.place(container.span.start);
  const plugin = isPlugin(container);
  const condition = statusExpression(conditions, at);
  const env = {
    ...(plugin ? {} : Object.fromEntries(context.cell)),
    ...stepVariables(container.name, number, kind ?? (plugin ? "plugin" : "commands"), context),
    CI_PIPELINE_STATUS: statusSoFar,
    ...environmentOf(container.environment),
  };
  return {
    id: unique(container.name, ids),
    name: container.name,
    at,
    ...(condition === undefined ? {} : { if: condition }),
    env,
    ...(container.failure === "ignore" ? { continueOnError: true } : {}),
    action: (kind === "clone" ? checkoutAction(container) : undefined) ?? containerAction(container),
  };
}

/** What Woodpecker tells a step about those before it; anything but a success is a failure. */
const statusSoFar: Text = { $expr: "job.status == 'success' && 'success' || 'failure'" };

/** Configured only by settings: such a container gets none of the author's variables. */
function isPlugin({ commands, entrypoint, environment }: Container): boolean {
  return commands.length === 0 && entrypoint.length === 0 && environment.length === 0;
}

function stepVariables(name: string, number: number, type: string, { url }: StepContext): Record<string, string> {
  return {
    CI_STEP_NAME: name,
    CI_STEP_NUMBER: String(number),
    CI_STEP_TYPE: type,
    ...(url === undefined ? {} : { CI_STEP_URL: url }),
  };
}

function statusExpression(conditions: readonly Condition[], at: Place): Expression | undefined {
  switch (statusCondition(conditions)) {
    case "success":
      return undefined;
    case "failure":
      return { $expr: "failure()", at };
    case "both":
      return { $expr: "success() || failure()", at };
    case "never":
      return { $expr: "false", at };
  }
}

function containerAction(container: Container): StepAction {
  const { image, commands, entrypoint, settings, directory } = container;
  return {
    type: "container",
    image,
    ...(entrypoint.length > 0 ? { entrypoint } : {}),
    ...(commands.length > 0
      ? { commands: [...(directory === "" ? [] : [`cd ${shellQuote(directory)}`]), ...commands] }
      : {}),
    ...(settings.length > 0
      ? { settings: Object.fromEntries(settings.map(({ name, value }) => [name, templateOf(value)])) }
      : {}),
    ...(container.privileged ? { privileged: true } : {}),
    ...(container.detach ? { detach: true } : {}),
  };
}

/** One word for a shell; a leading dash is not an option. */
function shellQuote(path: string): string {
  const safe = path.startsWith("-") ? `./${path}` : path;
  return `'${safe.replaceAll("'", `'\\''`)}'`;
}

/** The settings of Woodpecker's clone plugin that our own checkout supports, with their names there. */
const checkoutKeys: Readonly<Record<string, string>> = {
  depth: "fetch_depth",
  ref: "ref",
  sha: "ref",
  branch: "ref",
  path: "path",
  lfs: "lfs",
  tags: "fetch_tags",
  recursive: "submodules",
};

/** Our own checkout instead of the git plugin, unless it fetches another repository. */
function checkoutAction({ image, settings }: Container): StepAction | undefined {
  const name = image.replace(/[:@].*$/, "").replace(/^(?:docker\.io|quay\.io)\//, "");
  const known = name === "woodpeckerci/plugin-git" || name === "plugins/git";
  if (!known || settings.some((setting) => setting.name === "remote")) return undefined;
  const config: Record<string, Template> = { fetch_depth: 0 };
  for (const { name: key, value } of settings) {
    const ours = Object.hasOwn(checkoutKeys, key) ? checkoutKeys[key] : undefined;
    const given = templateOf(value);
    if (ours !== undefined) config[ours] = ours === "submodules" && given === true ? "recursive" : given;
  }
  return { type: "typed", kind: "checkout", config };
}

export function environmentOf(variables: readonly Variable[]): Readonly<Record<string, Text>> {
  const pairs = variables.map(({ name, value }) => [name, variableText(value)] as const);
  return Object.fromEntries(pairs.filter((pair): pair is [string, Text] => pair[1] !== undefined && pair[0] !== ""));
}

export function buildServices(services: readonly Chosen[], context: StepContext): readonly Service[] {
  return services.map(({ container }) => {
    const env: Environment = {
      ...(isPlugin(container) ? {} : Object.fromEntries(context.cell)),
      CI_STEP_NAME: container.name,
      CI_STEP_TYPE: "service",
      ...environmentOf(container.environment),
    };
    return {
      id: container.name,
      image: container.image,
      env,
      ...(container.commands.length > 0 ? { commands: container.commands } : {}),
      ...(container.ports.length > 0 ? { ports: container.ports } : {}),
      ...(container.volumes.length > 0 ? { volumes: container.volumes } : {}),
    };
  });
}

/** Names become ids; repeated names get a number. */
function unique(name: string, ids: Set<string>): string {
  let id = name;
  for (let count = 2; ids.has(id); count += 1) id = `${name} #${count}`;
  ids.add(id);
  return id;
}
