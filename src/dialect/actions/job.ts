import type { Concurrency, Expression, JobPlan, Strategy, Template } from "../../model/index.ts";
import { toJson, type YamlEntry, type YamlNode } from "../yaml/index.ts";
import { jobIf } from "./allowed.ts";
import { readContainer, readServices } from "./container.ts";
import { checkMatrix } from "./matrix.ts";
import { problemOfId, readCondition, readDefaults, readSteps, type RunDefaults } from "./step.ts";
import { namesIn, valueOf, type Values } from "./values.ts";

/** What a job inherits from its workflow. */
export interface JobSurroundings {
  readonly defaults: RunDefaults;
  /** Maps a job's id, in any case, to the spelling of its entry. */
  jobName(name: string): string;
}

/** Converts one entry of `jobs:` for the plan. The result is the same for every event. */
export function readJob(values: Values, entry: YamlEntry, { defaults, jobName }: JobSurroundings): JobPlan {
  const { key: id, keyNode, value: node } = entry;
  const problem = problemOfId(id);
  if (problem !== undefined)
    values.report(keyNode, {
      code: "workflow-schema",
      message: `The job id \`${id}\` ${problem}.`,
      help: "Choose another id, and use `name` for the displayed name.",
    });
  const uses = valueOf(node, "uses");
  if (uses !== undefined) {
    values.report(uses, {
      code: "workflow-unsupported",
      message: "Jobs cannot call another workflow yet.",
      help: "Copy the called workflow's jobs into this file.",
    });
  }
  const steps = readSteps(values, valueOf(node, "steps"), readDefaults(values, node, defaults));
  if (uses === undefined && steps.length === 0)
    values.report(keyNode, {
      code: "workflow-schema",
      message: `The job \`${id}\` has no steps.`,
      help: "Add `steps:` with at least one step.",
    });
  const name = values.optionalText(valueOf(node, "name"));
  const condition = readCondition(values, valueOf(node, "if"), jobIf);
  const strategy = readStrategy(values, valueOf(node, "strategy"));
  const container = readContainer(values, valueOf(node, "container"));
  const timeout = valueOf(node, "timeout-minutes");
  const timeoutMinutes = timeout === undefined ? undefined : values.count(timeout);
  const tolerated = valueOf(node, "continue-on-error");
  const environment = readEnvironment(values, valueOf(node, "environment"));
  const concurrency = readConcurrency(values, valueOf(node, "concurrency"));
  const permissions = valueOf(node, "permissions");
  const retryLost = readRetryLost(values, valueOf(node, "env"));
  return {
    id,
    ...(name === undefined || name === "" ? {} : { name }),
    at: values.document.place(keyNode.start),
    needs: [...new Set(namesIn(valueOf(node, "needs")).map(({ name }) => jobName(name)))].map((job) => ({
      job,
      required: true,
    })),
    ...(condition === undefined ? {} : { if: condition }),
    ...(strategy === undefined ? {} : { strategy }),
    runsOn: readRunsOn(values, valueOf(node, "runs-on")),
    ...(container === undefined ? {} : { container }),
    services: readServices(values, valueOf(node, "services")),
    env: values.environment(valueOf(node, "env")),
    steps,
    outputs: values.texts(valueOf(node, "outputs")),
    ...(timeoutMinutes === undefined ? {} : { timeoutMinutes }),
    ...(tolerated === undefined ? {} : { continueOnError: values.flag(tolerated) }),
    ...(environment === undefined ? {} : { environment }),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(permissions === undefined ? {} : { permissions: toJson(permissions) }),
    ...(retryLost === undefined ? {} : { retryLost }),
  };
}

/** How often a job is restarted when its runner dies: a variable, because GitHub rejects keys of our own. */
function readRetryLost(values: Values, env: YamlNode | undefined): number | undefined {
  const wanted = valueOf(env, "SLUICE_RETRY_LOST");
  if (wanted === undefined) return undefined;
  const times = wanted.kind === "scalar" ? Number(wanted.value ?? Number.NaN) : Number.NaN;
  if (Number.isInteger(times) && times >= 0 && times <= 10) return times;
  values.report(wanted, {
    code: "workflow-schema",
    message: "SLUICE_RETRY_LOST must be a whole number from 0 to 10.",
    help: "Write how often the job can be restarted, for example `SLUICE_RETRY_LOST: 1`.",
  });
  return undefined;
}

function readRunsOn(values: Values, node: YamlNode | undefined): Template {
  if (node === undefined) return [];
  if (node.kind !== "mapping") return values.textOrList(node);
  const group = valueOf(node, "group");
  const labels = valueOf(node, "labels");
  if (group !== undefined) {
    values.report(group, {
      code: "workflow-unsupported",
      severity: "warning",
      message: "Runner groups are not supported; only the labels count.",
      help: "Give the runners a label, and list it under `labels`.",
    });
  }
  return labels === undefined ? [] : values.textOrList(labels);
}

function readStrategy(values: Values, node: YamlNode | undefined): Strategy | undefined {
  if (node === undefined) return undefined;
  if (node.kind === "scalar") {
    const whole = values.template(node);
    return typeof whole === "object" && whole !== null && "$expr" in whole
      ? strategyFrom(whole as Expression)
      : undefined;
  }
  const matrix = valueOf(node, "matrix");
  if (matrix !== undefined) checkMatrix(values, matrix);
  const failFast = valueOf(node, "fail-fast");
  const maxParallel = valueOf(node, "max-parallel");
  const count = maxParallel === undefined ? undefined : values.count(maxParallel);
  return {
    ...(matrix === undefined ? {} : { matrix: values.template(matrix) }),
    failFast: failFast === undefined ? true : values.flag(failFast),
    ...(count === undefined ? {} : { maxParallel: count }),
  };
}

/** A strategy that is one expression: each part reads from its value. */
function strategyFrom(whole: Expression): Strategy {
  const part = (rest: string): Expression => ({ ...whole, $expr: `(${whole.$expr})${rest}` });
  return {
    matrix: part(".matrix"),
    failFast: part("['fail-fast'] != false"),
    maxParallel: part("['max-parallel'] || 256"),
  };
}

function readEnvironment(values: Values, node: YamlNode | undefined): JobPlan["environment"] {
  if (node === undefined) return undefined;
  if (node.kind === "scalar") return { name: values.text(node) };
  const name = valueOf(node, "name");
  const url = values.optionalText(valueOf(node, "url"));
  return name === undefined ? undefined : { name: values.text(name), ...(url === undefined ? {} : { url }) };
}

/** `concurrency:` of a workflow or job: a group's name, or a mapping with it. */
export function readConcurrency(values: Values, node: YamlNode | undefined): Concurrency | undefined {
  if (node === undefined) return undefined;
  if (node.kind === "scalar") return { group: values.text(node), cancelInProgress: false, limit: 1 };
  const group = valueOf(node, "group");
  if (group === undefined) {
    values.report(
      { start: node.start, end: node.start },
      { code: "workflow-schema", message: "`concurrency` has no `group`.", help: "Add `group:` with a name." },
    );
    return undefined;
  }
  const cancel = valueOf(node, "cancel-in-progress");
  return { group: values.text(group), cancelInProgress: cancel === undefined ? false : values.flag(cancel), limit: 1 };
}
