import type { Issue } from "../shape/index.ts";
import type { Spanned, YamlDocument, YamlNode, YamlScalar } from "../yaml/index.ts";
import type { Reference } from "./substitute.ts";
import { writtenByAnybody } from "./variables.ts";
import type { Workflow } from "./workflow.ts";

/**
 * `${A}:${B}` without quotes: if the last part is empty, the text ends with a colon, and YAML reads a mapping instead
 * of a string. `document` is the file with its substitutions blanked out; `mayBeEmpty` decides by reference.
 */
export function emptyTraps(
  document: YamlDocument,
  references: readonly Reference[],
  mayBeEmpty: (reference: Reference) => boolean,
): readonly Issue[] {
  if (references.length === 0) return [];
  const issues: Issue[] = [];
  for (const scalar of plainScalars(document)) {
    const inside = within(references, scalar).filter(mayBeEmpty);
    if (inside.length === 0) continue;
    let rest = "";
    let from = scalar.start;
    for (const { start, end } of inside) {
      rest += document.text.slice(from, start);
      from = end;
    }
    rest += document.text.slice(from, scalar.end);
    if (!/:(?:\s|$)/.test(rest)) continue;
    const names = inside.map(({ name }) => `\`${name}\``).join(", ");
    issues.push({
      span: scalar,
      tolerated: true,
      severity: "warning",
      code: "workflow-substitution",
      message: `If ${names} is empty, this text ends with a colon, and YAML reads it as a mapping.`,
      help: "Put the whole text in double quotes.",
    });
  }
  return issues;
}

/** The references in a span; they are in file order. */
function within(references: readonly Reference[], span: Spanned): readonly Reference[] {
  let low = 0;
  let high = references.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((references[middle]?.start ?? 0) < span.start) low = middle + 1;
    else high = middle;
  }
  const found: Reference[] = [];
  for (let at = low; at < references.length; at += 1) {
    const reference = references[at];
    if (reference === undefined || reference.end > span.end) break;
    found.push(reference);
  }
  return found;
}

/** Text that anyone can write, pasted into a command: the shell would execute it. */
export function injections(workflow: Workflow, references: readonly Reference[]): readonly Issue[] {
  // Steps can share one list of commands with an anchor.
  const commands = new Set([...workflow.steps, ...workflow.services].flatMap((step) => step.commandSpans));
  const dangerous = [...commands]
    .flatMap((span) => within(references, span))
    .filter(({ name }) => writtenByAnybody.has(name));
  return dangerous.map(({ name, start, end }) => ({
    span: { start, end },
    tolerated: true,
    severity: "warning",
    code: "workflow-injection",
    message: `Anyone who pushes can choose the text of \`${name}\`, and the shell executes it as part of the command.`,
    help: `Write "$$\{${name}}" or "$${name}" in double quotes: then the shell reads the variable.`,
  }));
}

function plainScalars(document: YamlDocument): readonly YamlScalar[] {
  const found: YamlScalar[] = [];
  const seen = new Set<YamlNode>();
  const visit = (node: YamlNode): void => {
    if (seen.has(node)) return;
    seen.add(node);
    if (node.kind === "sequence") node.items.forEach(visit);
    else if (node.kind === "mapping") for (const { value } of node.entries) visit(value);
    else if (node.block === undefined && !isQuoted(document, node)) found.push(node);
  };
  visit(document.root);
  return found;
}

function isQuoted(document: YamlDocument, { start }: Spanned): boolean {
  const first = document.text[start];
  return first === '"' || first === "'";
}
