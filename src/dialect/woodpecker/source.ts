import type { Findings, Issue, Report } from "../shape/index.ts";
import { readYaml, type YamlDocument } from "../yaml/index.ts";
import type { WorkflowFile } from "../port.ts";
import { checkWorkflow } from "./check.ts";
import { workflowShape } from "./grammar.ts";
import { readWorkflow } from "./read.ts";
import type { Substitution } from "./substitute.ts";
import type { TextMap } from "./text-map.ts";
import type { Workflow } from "./workflow.ts";

/**
 * Reports issues of a substituted text at the author's own lines, using `map`. In lint (`strict`) everything is an
 * error; compiling only warns about what Woodpecker ignores.
 */
export function reporter(findings: Findings, map: TextMap, strict: boolean): Report {
  return ({ span, tolerated, ...finding }: Issue) => {
    const severity = finding.severity ?? (tolerated && !strict ? "warning" : "error");
    findings.add(map.diagnostic(span, { ...finding, severity }));
  };
}

export interface Source {
  readonly document: YamlDocument;
  readonly workflow: Workflow;
}

/** Reads a file after substitution. Undefined if it is invalid. */
export function readSource(
  file: WorkflowFile,
  { text, map, diagnostics }: Substitution,
  findings: Findings,
  report: Report,
): Source | undefined {
  findings.add(...diagnostics);
  if (diagnostics.length > 0) return undefined;
  const { document, diagnostics: problems } = readYaml(text, file.path);
  findings.add(...problems.map((each) => map.moved(each)));
  if (document === undefined) return undefined;
  workflowShape(document.root, "", report);
  const workflow = readWorkflow(document.root);
  if (document.root.kind === "mapping") {
    if (workflow.steps.length === 0 && document.find(["steps"]) !== undefined)
      report({
        span: document.find(["steps"]) ?? document.root,
        tolerated: false,
        code: "workflow-schema",
        message: "`steps` is empty.",
        help: "Add at least one step.",
      });
    checkWorkflow(workflow, text, report);
  }
  return findings.failed ? undefined : { document, workflow };
}
