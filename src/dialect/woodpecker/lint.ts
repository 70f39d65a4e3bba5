import type { Diagnostic } from "../../model/index.ts";
import type { WorkflowFile } from "../port.ts";
import { Findings } from "../shape/index.ts";
import { emptyReferences } from "./documented.ts";
import { checkGraph } from "./graph.ts";
import { deprecatedVariables, eventFilters, images } from "./habits.ts";
import { readMatrix } from "./matrix.ts";
import { notices } from "./notices.ts";
import { readSource, reporter } from "./source.ts";
import { blank } from "./substitute.ts";
import { emptyTraps, injections } from "./traps.ts";
import { alwaysSet } from "./variables.ts";

/**
 * Everything that can be found without an event: variables are blanked out, and a value that contains one fits
 * everywhere. Stricter than compiling: Woodpecker only warns about unknown keys and runs the file; here they are
 * errors.
 */
export function lintWorkflow(file: WorkflowFile): readonly Diagnostic[] {
  const findings = new Findings();
  const blanked = blank(file.text, file.path);
  const report = reporter(findings, blanked.map, true);
  const source = readSource(file, blanked, findings, report);
  if (source === undefined) return findings.all;
  const { document, workflow } = source;
  const matrix = readMatrix(document, file.text, blanked.map);
  const issues = [
    ...matrix.issues,
    ...checkGraph(workflow.steps, workflow.steps),
    ...notices(workflow, matrix.names),
    ...emptyTraps(
      document,
      blanked.references,
      ({ name, defaulted }) => !defaulted && !alwaysSet.has(name) && !matrix.names.has(name),
    ),
    ...emptyReferences(blanked.references, matrix.names),
    ...injections(workflow, blanked.references),
    ...eventFilters(workflow),
    ...images(workflow),
  ];
  if (workflow.runsOn.length > 0) {
    const span =
      document.root.kind === "mapping"
        ? document.root.entries.find(({ key }) => key === "runs_on")?.keyNode
        : undefined;
    issues.push({
      span: span ?? document.root,
      tolerated: true,
      severity: "warning",
      code: "workflow-deprecated",
      message: "`runs_on` is deprecated.",
      help: "Write `when:` with `status: [success, failure]`.",
    });
  }
  for (const issue of issues) report(issue);
  // These are in the file's own text, where `$$` has not become `$`.
  for (const { span, code, message, help } of deprecatedVariables(file.text))
    findings.add(
      blanked.map.originalDiagnostic(span, {
        severity: "warning",
        code,
        message,
        ...(help === undefined ? {} : { help }),
      }),
    );
  return findings.all;
}
