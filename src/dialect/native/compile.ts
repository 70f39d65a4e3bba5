import type { Concurrency, Diagnostic, JobPlan, Plan, Text } from "../../model/index.ts";
import { Work } from "../pattern/index.ts";
import type { Compilation, CompileContext, ScheduleLine, WorkflowFile } from "../port.ts";
import { Findings, flagOf, textOf, textsOf, type Issue, type Report } from "../shape/index.ts";
import { entryOf, readYaml, type YamlDocument, type YamlNode } from "../yaml/index.ts";
import { readFields, sampleFields } from "./fields.ts";
import { workflowShape } from "./grammar.ts";
import { Scope } from "./scope.ts";
import { buildSteps, environmentOf, templateText, type StepSource } from "./steps.ts";
import { checkTriggers, inputValues, matchingTrigger, readTriggers, type Trigger } from "./triggers.ts";

/** One file for one event: one job. */
export function compileWorkflow(file: WorkflowFile, context: CompileContext, work = new Work()): Compilation {
  const { document, report, findings } = readFile(file);
  if (document === undefined) return { file: file.path, diagnostics: findings.all };
  const triggers = triggersOf(document);
  const trigger = matchingTrigger(triggers, context.event, work);
  // Inputs of other triggers have their defaults, so that templates can use them for every event.
  const others = triggers
    .filter((each) => each !== trigger)
    .flatMap((each) => each.inputs.map(({ name, fallback }) => [name, fallback] as const));
  const inputs = new Map([...others, ...inputValues(trigger?.inputs ?? [], context.event.inputs ?? {}, report)]);
  const plan = buildPlan(file, context, { document, fields: readFields(context), inputs, vars: context.vars, report });
  const { all: diagnostics, failed } = findings;
  if (trigger === undefined) {
    // Unsupported steps matter only to events that ask for them: the other workflows still run.
    const wrong = diagnostics.filter(({ severity, code }) => severity === "error" && code !== "workflow-unsupported");
    if (wrong.length === 0)
      return {
        file: file.path,
        diagnostics: diagnostics.filter(({ severity }) => severity !== "error"),
        skipped: "none of its triggers matches the event",
      };
  }
  return failed ? { file: file.path, diagnostics } : { file: file.path, diagnostics, plan };
}

/** Everything that can be found without an event: every field and every declared input has a placeholder. */
export function lintWorkflow(file: WorkflowFile): readonly Diagnostic[] {
  const { document, report, findings } = readFile(file);
  if (document === undefined) return findings.all;
  const inputs = new Map(
    triggersOf(document).flatMap((trigger) => trigger.inputs.map(({ name }) => [name, ""] as const)),
  );
  const source = { document, fields: sampleFields(), inputs, vars: {}, report };
  buildEnvironment(source);
  buildSteps(entryOf(document.root, "steps")?.value, source);
  return findings.all;
}

export function schedulesOf(file: WorkflowFile): readonly ScheduleLine[] {
  const { document, findings } = readFile(file);
  if (document === undefined || findings.failed) return [];
  const name = nameOf(document.root, file);
  return triggersOf(document)
    .filter(({ type }) => type === "schedule")
    .map(({ cron, timeZone, span }) => {
      const [line, column] = document.place(span.start);
      return { cron, timeZone, name, line, column };
    });
}

interface Read {
  /** Absent if the file is not YAML. */
  readonly document?: YamlDocument;
  readonly report: Report;
  readonly findings: Findings;
}

function readFile(file: WorkflowFile): Read {
  const { document, diagnostics } = readYaml(file.text, file.path);
  const findings = new Findings();
  findings.add(...diagnostics);
  if (document === undefined) return { report: () => undefined, findings };
  const report = (issue: Issue): void => findings.add(document.diagnostic(issue.span, issue));
  workflowShape(document.root, "", report);
  checkTriggers(entryOf(document.root, "triggers")?.value, document.text, report);
  return { document, report, findings };
}

function buildPlan(file: WorkflowFile, { event, vars }: CompileContext, source: StepSource): Plan {
  const { root } = source.document;
  const concurrency = buildConcurrency(entryOf(root, "concurrency")?.value, source);
  return {
    version: 1,
    dialect: "native",
    workflow: file.path,
    name: nameOf(root, file),
    source: { path: file.path, sha: event.sha },
    needs: [],
    env: buildEnvironment(source),
    systemEnv: systemVariables(source.fields),
    contexts: { event: Object.fromEntries(source.fields), inputs: Object.fromEntries(source.inputs), vars },
    ...(concurrency === undefined ? {} : { concurrency }),
    jobs: [buildJob(file, source)],
  };
}

/** The fields that scripts use most, under the names that templates in commands give them. */
function systemVariables(fields: ReadonlyMap<string, string>): Readonly<Record<string, string>> {
  const names = ["sha", "ref", "event", "repository", "run_id", "run_number", "run_attempt"];
  return {
    CI: "true",
    SLUICE: "true",
    ...Object.fromEntries(names.map((name) => [`SLUICE_${name.toUpperCase()}`, fields.get(name) ?? ""])),
  };
}

function buildJob(file: WorkflowFile, source: StepSource): JobPlan {
  const { root } = source.document;
  const steps = entryOf(root, "steps");
  const lost = Number(textOf(entryOf(entryOf(root, "retry")?.value, "lost")?.value));
  const minutes = Number(textOf(entryOf(root, "timeout_minutes")?.value));
  return {
    id: "main",
    name: nameOf(root, file),
    ...(steps === undefined ? {} : { at: source.document.place(steps.keyNode.start) }),
    needs: [],
    runsOn: textsOf(entryOf(root, "runs_on")?.value),
    services: [],
    env: {},
    steps: buildSteps(steps?.value, source),
    outputs: {},
    ...(minutes > 0 ? { timeoutMinutes: minutes } : {}),
    ...(lost > 0 ? { retryLost: lost } : {}),
  };
}

/** Variables for every step; they can use fields, inputs, variables and secrets, but no steps. */
function buildEnvironment(source: StepSource): Readonly<Record<string, Text>> {
  return environmentOf(entryOf(source.document.root, "env")?.value, (value) =>
    templateText(value, outermost(source), source),
  );
}

/** A plain text is the group. */
function buildConcurrency(node: YamlNode | undefined, source: StepSource): Concurrency | undefined {
  const group = node?.kind === "mapping" ? entryOf(node, "group")?.value : node;
  if (group?.kind !== "scalar") return undefined;
  const limit = Number(textOf(entryOf(node, "limit")?.value));
  return {
    group: templateText(group, outermost(source), source),
    cancelInProgress: flagOf(entryOf(node, "cancel_in_progress")?.value, false),
    limit: limit > 0 ? limit : 1,
  };
}

function outermost({ fields, inputs, vars }: StepSource): Scope {
  return new Scope(fields, inputs, vars, new Map(), new Map());
}

function triggersOf(document: YamlDocument): readonly Trigger[] {
  return readTriggers(entryOf(document.root, "triggers")?.value);
}

function nameOf(root: YamlNode, { path }: WorkflowFile): string {
  return textOf(entryOf(root, "name")?.value) || path.slice(path.lastIndexOf("/") + 1).replace(/\.ya?ml$/, "");
}
