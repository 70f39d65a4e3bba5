import type { Diagnostic } from "../../model/index.ts";
import { type Issue, type Report } from "../shape/index.ts";
import { readYaml, type YamlDocument } from "../yaml/index.ts";
import type { WorkflowFile } from "../port.ts";
import { checkWorkflow } from "./check.ts";
import { workflowShape } from "./grammar.ts";
import { readWorkflow } from "./read.ts";
import type { Substitution } from "./substitute.ts";
import type { TextMap } from "./text-map.ts";
import type { Workflow } from "./workflow.ts";

/** Collects what is found in a file, each finding once, at the author's own lines. */
export class Findings {
  /** True in lint, where everything wrong is an error; a compilation passes over what Woodpecker passes over, with a warning. */
  readonly #strict: boolean;
  readonly #found = new Map<string, Diagnostic>();

  constructor(strict: boolean) {
    this.#strict = strict;
  }

  get all(): readonly Diagnostic[] {
    return [...this.#found.values()].toSorted((a, b) => a.line - b.line || a.column - b.column);
  }

  get failed(): boolean {
    return [...this.#found.values()].some(({ severity }) => severity === "error");
  }

  add(diagnostics: readonly Diagnostic[]): void {
    for (const diagnostic of diagnostics) this.#found.set(`${diagnostic.line}:${diagnostic.column}:${diagnostic.message}`, diagnostic);
  }

  /** For issues in a text that `map` leads back from. */
  reporter(map: TextMap): Report {
    return ({ span, tolerated, ...finding }: Issue) => {
      const severity = finding.severity ?? (tolerated && !this.#strict ? "warning" : "error");
      this.add([map.diagnostic(span, { ...finding, severity })]);
    };
  }
}

/** Reads a file whose variables have been filled in. Undefined when it cannot be read or does not fit. */
export function readSource(file: WorkflowFile, { text, map, diagnostics }: Substitution, findings: Findings): { readonly document: YamlDocument; readonly workflow: Workflow } | undefined {
  findings.add(diagnostics);
  if (diagnostics.length > 0) return undefined;
  const { document, diagnostics: problems } = readYaml(text, file.path);
  findings.add(problems.map((each) => map.moved(each)));
  if (document === undefined) return undefined;
  const report = findings.reporter(map);
  workflowShape(document.root, "", report);
  const workflow = readWorkflow(document.root);
  if (document.root.kind === "mapping") {
    if (workflow.steps.length === 0 && document.find(["steps"]) !== undefined) report({ span: document.find(["steps"]) ?? document.root, tolerated: false, code: "workflow-schema", message: "`steps` has no step.", help: "Add at least one step." });
    checkWorkflow(workflow, report);
  }
  return findings.failed ? undefined : { document, workflow };
}
