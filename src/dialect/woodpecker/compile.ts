import type { Expression, JobPlan, Plan, WorkflowNeed } from "../../model/index.ts";
import type { Compilation, CompileContext, WorkflowFile } from "../port.ts";
import { Work } from "../pattern/index.ts";
import { Findings, type Issue, type Report } from "../shape/index.ts";
import { readYaml } from "../yaml/index.ts";
import { ConditionProblem } from "./evaluate/index.ts";
import { checkGraph } from "./graph.ts";
import { cellName, readMatrix, type Cell } from "./matrix.ts";
import { metadataOf, skipsItself, woodpeckerEvent, type Metadata } from "./metadata.ts";
import { notices } from "./notices.ts";
import { workflowName } from "./path.ts";
import { readSource, reporter, type Source } from "./source.ts";
import { buildServices, buildSteps, type Chosen } from "./steps.ts";
import { blank, substitute, type Reference, type Substitution } from "./substitute.ts";
import { emptyTraps } from "./traps.ts";
import { systemVariables } from "./variables.ts";
import { matching, statusCondition, type Condition, type Situation } from "./when.ts";
import type { Container, Workflow } from "./workflow.ts";

/** A matrix substitutes and parses the file once per combination. */
const maxWork = 4 * 1024 * 1024;

/** One file for one event: every combination of its matrix becomes a job. */
export function compileWorkflow(file: WorkflowFile, context: CompileContext, work = new Work()): Compilation {
  const { event } = context;
  const kind = woodpeckerEvent(event);
  if (kind === undefined)
    return { file: file.path, diagnostics: [], skipped: `Woodpecker workflows do not start on ${event.kind} events` };
  const metadata = metadataOf(kind, context);
  if (skipsItself(kind, metadata.message))
    return { file: file.path, diagnostics: [], skipped: "the commit message contains [skip ci]" };
  return new Compiler(file, context, metadata, work).compile();
}

interface CompiledCell {
  readonly job: JobPlan;
  readonly needs: readonly WorkflowNeed[];
}

class Compiler {
  readonly #file: WorkflowFile;
  readonly #context: CompileContext;
  readonly #metadata: Metadata;
  readonly #work: Work;
  readonly #name: string;
  readonly #system: Readonly<Record<string, string>>;
  readonly #given: Readonly<Record<string, string>>;
  readonly #findings = new Findings();
  #last: { readonly text: string; readonly source: Source | undefined } | undefined;

  constructor(file: WorkflowFile, context: CompileContext, metadata: Metadata, work: Work) {
    this.#work = work;
    this.#file = file;
    this.#context = context;
    this.#metadata = metadata;
    this.#name = workflowName(file.path);
    this.#system = systemVariables(this.#name, metadata, context);
    const given = { ...context.vars, ...context.event.inputs };
    this.#given = Object.fromEntries(
      Object.entries(given).filter(([name]) => /^[A-Za-z_]\w*$/.test(name) && !/^CI(_|$)/.test(name)),
    );
  }

  compile(): Compilation {
    const cells = this.#cells();
    const compiled: CompiledCell[] = [];
    for (const cell of cells) {
      const done = this.#compileCell(cell, cells.length > 1);
      if (done !== undefined) compiled.push(done);
      if (this.#findings.failed) break;
    }
    const { all: diagnostics, failed } = this.#findings;
    if (failed) return { file: this.#file.path, diagnostics };
    if (compiled.length === 0)
      return { file: this.#file.path, diagnostics, skipped: "its `when` does not match the event" };
    return { file: this.#file.path, diagnostics, plan: this.#plan(compiled) };
  }

  #plan(compiled: readonly CompiledCell[]): Plan {
    const needs = new Map(compiled.flatMap((cell) => cell.needs).map((need) => [need.workflow, need]));
    return {
      version: 1,
      dialect: "woodpecker",
      workflow: this.#name,
      name: this.#name,
      source: { path: this.#file.path, sha: this.#context.event.sha },
      needs: [...needs.values()],
      env: this.#given,
      systemEnv: this.#system,
      contexts: {},
      jobs: distinct(compiled.map(({ job }) => job)),
    };
  }

  /** The matrix is read from the original file, before any variable is substituted. */
  #cells(): readonly Cell[] {
    const blanked = blank(this.#file.text, this.#file.path);
    this.#findings.add(...blanked.diagnostics);
    if (blanked.diagnostics.length > 0) return [];
    const { document, diagnostics } = readYaml(blanked.text, this.#file.path);
    this.#findings.add(...diagnostics);
    if (document === undefined) return [];
    const { cells, issues, names } = readMatrix(document, this.#file.text, blanked.map);
    const report = reporter(this.#findings, blanked.map, false);
    for (const issue of issues) report(issue);
    const isEmpty = ({ name, defaulted }: Reference): boolean =>
      !defaulted && !names.has(name) && !Object.hasOwn(this.#system, name) && !Object.hasOwn(this.#given, name);
    for (const trap of emptyTraps(document, blanked.references, isEmpty)) report(trap);
    if (cells.length > 1 && cells.length * this.#file.text.length > maxWork) {
      report({
        span: document.root,
        tolerated: false,
        code: "yaml-too-large",
        message: `The file is too large for a matrix of ${cells.length} combinations.`,
      });
    }
    return this.#findings.failed ? [] : cells;
  }

  #compileCell(cell: Cell, oneOfMany: boolean): CompiledCell | undefined {
    const variables = new Map([...Object.entries(this.#given), ...Object.entries(this.#system), ...cell]);
    const substitution = substitute(this.#file.text, this.#file.path, variables);
    const report = reporter(this.#findings, substitution.map, false);
    const source = this.#read(substitution, report);
    if (source === undefined) return undefined;
    const { workflow } = source;
    for (const notice of notices(workflow, new Set(cell.keys()))) report(notice);
    const platform =
      workflow.labels.find(({ key }) => key === "platform")?.value || cell.get("platform") || "linux/amd64";
    const situation: Situation = { metadata: this.#metadata, matrix: cell, platform, variables, work: this.#work };
    const choose = (containers: readonly Container[]): readonly Chosen[] => this.#choose(containers, situation, report);
    const when = decide(workflow.when, situation, "workflow", report);
    if (when === undefined) return undefined;
    const steps = choose(workflow.steps);
    const services = choose(workflow.services);
    const clones = choose(workflow.clone ?? []);
    for (const issue of checkGraph(
      steps.map(({ container }) => container),
      workflow.steps,
    ))
      report(oneOfMany ? inCell(issue, cell) : issue);
    if (this.#findings.failed || (workflow.skipClone && steps.length + services.length === 0)) return undefined;
    const place = (offset: number): readonly [number, number] => substitution.map.place(offset);
    const context = { event: this.#metadata.event, cell, place, url: this.#context.run.url };
    const id = oneOfMany ? `${this.#name}${cellName(cell)}` : this.#name;
    const condition = jobCondition(workflow, when);
    const first = workflow.steps[0];
    const job: JobPlan = {
      id,
      name: id,
      ...(first === undefined ? {} : { at: place(first.span.start) }),
      needs: [],
      ...(condition === undefined ? {} : { if: condition }),
      ...runnerDemands(workflow),
      services: buildServices(services, context),
      env: {},
      steps: buildSteps(workflow, clones, steps, context),
      outputs: {},
      ...this.#concurrency(workflow),
    };
    return { job, needs: workflow.dependsOn.map(({ name, optional }) => ({ workflow: name, required: !optional })) };
  }

  /** Combinations with the same substituted text share its parse. */
  #read(substitution: Substitution, report: Report): Source | undefined {
    if (this.#last?.text === substitution.text) return this.#last.source;
    const source = readSource(this.#file, substitution, this.#findings, report);
    this.#last = { text: substitution.text, source };
    return source;
  }

  #choose(containers: readonly Container[], situation: Situation, report: Report): readonly Chosen[] {
    return containers.flatMap((container) => {
      // `local: false` is for steps that only make sense on a server.
      if (!this.#metadata.onServer && container.when.some(({ local }) => !local)) return [];
      const conditions = decide(container.when, situation, "step", report);
      return conditions === undefined ? [] : [{ container, conditions }];
    });
  }

  /** Without its own group, a workflow only waits for other runs of itself. */
  #concurrency({ concurrency }: Workflow): Pick<JobPlan, "concurrency"> {
    if (concurrency === undefined) return {};
    const group = concurrency.group === "" ? `workflow ${this.#name}` : concurrency.group;
    return { concurrency: { group, cancelInProgress: false, limit: concurrency.limit } };
  }
}

/** Adds the combination of the matrix to a finding. */
function inCell(issue: Issue, cell: Cell): Issue {
  const values = [...cell].map(([name, value]) => `${name}=${value}`).join(", ");
  return { ...issue, message: `${issue.message.replace(/\.$/, "")}, with ${values}.` };
}

/** The conditions that hold; a condition that cannot be evaluated is an error. */
function decide(
  when: readonly Condition[],
  situation: Situation,
  level: "workflow" | "step",
  report: Report,
): readonly Condition[] | undefined {
  try {
    return matching(when, situation, level);
  } catch (error) {
    if (!(error instanceof ConditionProblem)) throw error;
    const span = when.find(({ evaluate }) => evaluate !== undefined)?.evaluate?.span ?? { start: 0, end: 0 };
    report({
      span,
      tolerated: false,
      code: "workflow-expression",
      message: `Cannot evaluate the condition: ${error.message}.`,
      help: "Compare variables with strings: every variable is text.",
    });
    return undefined;
  }
}

/** Runs after failed workflows only if it says so; without `depends_on` nothing could have failed. */
function jobCondition(workflow: Workflow, when: readonly Condition[]): Expression | undefined {
  if (workflow.dependsOn.length === 0) return undefined;
  const status = statusCondition(when);
  const listed = workflow.runsOn;
  const failure = status === "failure" || status === "both" || listed.includes("failure");
  const success =
    listed.length > 0 ? listed.includes("success") || status === "both" : status === "success" || status === "both";
  if (!failure) return undefined;
  // As in Woodpecker, also if a needed workflow was skipped: then nothing succeeded, and nothing failed.
  return { $expr: success ? "!cancelled()" : "failure()" };
}

/** `key=value` for every label with a value; one label is ours: how often a lost job restarts. */
function runnerDemands({ labels }: Workflow): Pick<JobPlan, "runsOn" | "retryLost"> {
  const retry = Number(labels.find(({ key }) => key === "sluice.retry-lost")?.value);
  const runsOn = labels
    .filter(({ key, value }) => key !== "sluice.retry-lost" && !key.startsWith("woodpecker-ci.org") && value !== "")
    .map(({ key, value }) => `${key}=${value}`);
  return { runsOn, ...(Number.isInteger(retry) && retry > 0 ? { retryLost: Math.min(retry, 10) } : {}) };
}

/** Combinations with the same values get numbers, so that every job has a unique name. */
function distinct(jobs: readonly JobPlan[]): readonly JobPlan[] {
  const ids = new Set<string>();
  return jobs.map((job) => {
    let id = job.id;
    for (let count = 2; ids.has(id); count += 1) id = `${job.id} #${count}`;
    ids.add(id);
    return id === job.id ? job : { ...job, id, name: id };
  });
}
