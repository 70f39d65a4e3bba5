import {
  hasErrors,
  type Concurrency,
  type Diagnostic,
  type Environment,
  type JobPlan,
  type Json,
  type Text,
} from "../../model/index.ts";
import type { WorkflowFile } from "../port.ts";
import { entryOf, readYaml, toJson, type YamlDocument, type YamlNode } from "../yaml/index.ts";
import { readConcurrency, readJob } from "./job.ts";
import { checkNeeds, jobNames } from "./needs.ts";
import { checkSchema } from "./schema.ts";
import { readDefaults } from "./step.ts";
import { checkTriggers } from "./trigger-check.ts";
import { valueOf, Values } from "./values.ts";

/** A parsed and checked file: the part of the plan that does not depend on the event. */
export interface Workflow {
  readonly document: YamlDocument;
  readonly on: YamlNode;
  readonly name: string;
  readonly runName?: Text;
  readonly env: Environment;
  readonly concurrency?: Concurrency;
  readonly permissions?: Json;
  readonly jobs: readonly JobPlan[];
}

export interface WorkflowRead {
  /** Absent if there are errors. */
  readonly workflow?: Workflow;
  readonly diagnostics: readonly Diagnostic[];
}

export function readWorkflow(file: WorkflowFile): WorkflowRead {
  const { document, diagnostics } = readYaml(file.text, file.path);
  if (document === undefined) return { diagnostics };
  if (document.root.kind !== "mapping") {
    const message =
      document.root.kind === "scalar" && document.root.value === null
        ? "The file is empty."
        : "A workflow is a mapping with `on` and `jobs`.";
    return {
      diagnostics: [
        ...diagnostics,
        document.diagnostic(
          { start: 0, end: 0 },
          { code: "workflow-schema", message, help: "Write at least `on:` and `jobs:`." },
        ),
      ],
    };
  }
  const shape = checkSchema(document);
  if (hasErrors(shape)) return { diagnostics: inOrder([...diagnostics, ...shape]) };

  const values = new Values(document);
  const workflow = build(file, document, values);
  const all = inOrder([...diagnostics, ...shape, ...values.diagnostics]);
  return hasErrors(all) ? { diagnostics: all } : { workflow, diagnostics: all };
}

function build(file: WorkflowFile, document: YamlDocument, values: Values): Workflow {
  const { root } = document;
  const jobs = values.entries(valueOf(root, "jobs"));
  const jobsKey = entryOf(root, "jobs")?.keyNode;
  if (jobs.length === 0 && jobsKey !== undefined)
    values.report(jobsKey, {
      code: "workflow-schema",
      message: "The workflow has no jobs.",
      help: "Add a job below `jobs:`.",
    });
  checkNeeds(values, jobs);
  const on = valueOf(root, "on") ?? root;
  checkTriggers(values, on);
  const name = valueOf(root, "name");
  const concurrency = readConcurrency(values, valueOf(root, "concurrency"));
  const permissions = valueOf(root, "permissions");
  const defaults = readDefaults(values, root);
  const jobName = jobNames(jobs);
  const runName = values.optionalText(valueOf(root, "run-name"));
  return {
    document,
    on,
    name: name?.kind === "scalar" && name.source !== "" ? name.source : file.path,
    ...(runName === undefined ? {} : { runName }),
    env: values.environment(valueOf(root, "env")),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(permissions === undefined ? {} : { permissions: toJson(permissions) }),
    jobs: jobs.map((entry) => readJob(values, entry, { defaults, jobName })),
  };
}

function inOrder(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return diagnostics.toSorted((a, b) => a.line - b.line || a.column - b.column);
}
