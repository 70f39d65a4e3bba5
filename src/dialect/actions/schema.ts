import { convertOn } from "@actions/workflow-parser/model/converter/events";
import { TemplateContext, TemplateValidationErrors } from "@actions/workflow-parser/templates/template-context";
import { readTemplate } from "@actions/workflow-parser/templates/template-reader";
import { FeatureFlags } from "@actions/expressions/features";
import { MappingToken, NullToken, type TemplateToken } from "@actions/workflow-parser/templates/tokens/index";
import { TemplateTokenError } from "@actions/workflow-parser/templates/tokens/template-token";
import type { TokenRange } from "@actions/workflow-parser/templates/tokens/token-range";
import { NoOperationTraceWriter } from "@actions/workflow-parser/templates/trace-writer";
import { WORKFLOW_ROOT } from "@actions/workflow-parser/workflows/workflow-constants";
import { messageOf, type Diagnostic } from "../../model/index.ts";
import type { Spanned, YamlDocument } from "../yaml/index.ts";
import { expressionFinding, schemaFinding } from "./findings.ts";
import { TreeReader, type Origin } from "./object-reader.ts";
import { workflowSchema } from "./official-schema.ts";
import { expressionSpan } from "./place.ts";

/**
 * Validates a file against GitHub's published workflow schema with GitHub's own reader: keys, types of values, the
 * syntax of expressions, and the contexts available at their place.
 */
export function checkSchema(document: YamlDocument): readonly Diagnostic[] {
  const reader = new TreeReader(document.root);
  const context = new CollectingContext(document, reader.origins);
  const root = readTemplate(context, WORKFLOW_ROOT, reader, undefined);
  if (context.diagnostics.length === 0 && root instanceof MappingToken) {
    const on = root.find("on");
    if (on !== undefined) convertEvents(context, on);
  }
  return context.diagnostics;
}

/** Inputs, schedules and filters have rules beyond the schema. */
function convertEvents(context: CollectingContext, on: TemplateToken): void {
  const manual = on instanceof MappingToken ? on.find("workflow_dispatch") : undefined;
  if (manual instanceof MappingToken) {
    dropEmpty(manual);
    const inputs = manual.find("inputs");
    if (inputs instanceof MappingToken) dropEmpty(inputs);
  }
  try {
    convertOn(context, on);
  } catch (error) {
    context.error(error instanceof TemplateTokenError ? error.token : on, error);
  }
}

/** GitHub's conversion requires a mapping where GitHub itself accepts an empty input with defaults. */
function dropEmpty(mapping: MappingToken): void {
  for (let index = mapping.count - 1; index >= 0; index -= 1)
    if (mapping.get(index).value instanceof NullToken) mapping.remove(index);
}

class CollectingContext extends TemplateContext {
  readonly diagnostics: Diagnostic[] = [];
  readonly #document: YamlDocument;
  readonly #origins: ReadonlyMap<TemplateToken, Origin>;

  constructor(document: YamlDocument, origins: ReadonlyMap<TemplateToken, Origin>) {
    super(new TemplateValidationErrors(), workflowSchema(), new NoOperationTraceWriter());
    this.state["featureFlags"] = new FeatureFlags({ allowBackgroundSteps: true });
    this.#document = document;
    this.#origins = origins;
  }

  override error(token: TemplateToken | number | undefined, error: unknown, range?: TokenRange): void {
    const message = messageOf(error);
    // The calendar checks cron lines, with positions, and accepts more of them.
    if (this.diagnostics.length >= maxFindings || message.startsWith("Invalid cron expression")) return;
    const origin = typeof token === "object" ? this.#origins.get(token) : undefined;
    const span = spanOf(range ?? (typeof token === "object" ? token.range : undefined));
    if (range !== undefined && origin?.node.kind === "scalar") {
      const whole = expressionSpan(this.#document, origin.node, span.start - origin.node.start);
      this.#add(nameIn(this.#document, whole, message), expressionFinding(message));
    } else {
      this.#add(
        openBraces(this.#document, origin, message) ?? firstLine(this.#document, span),
        schemaFinding(message, origin),
      );
    }
  }

  #add(span: Spanned, finding: ReturnType<typeof schemaFinding>): void {
    this.diagnostics.push(this.#document.diagnostic(span, finding));
  }
}

/** More findings than anyone reads. */
const maxFindings = 50;

function spanOf(range: TokenRange | undefined): Spanned {
  return { start: range?.start.column ?? 0, end: range?.end.column ?? 0 };
}

/** The name that an expression must not use, if the message quotes one; otherwise the whole expression. */
function nameIn(document: YamlDocument, whole: Spanned, message: string): Spanned {
  const name = /^Unrecognized [a-z-]+: '([\w-]+)'$/.exec(message)?.[1];
  const at =
    name === undefined
      ? undefined
      : new RegExp(`(?<![\\w.'-])${name}(?![\\w-])`).exec(document.text.slice(whole.start, whole.end))?.index;
  return name === undefined || at === undefined
    ? whole
    : { start: whole.start + at, end: whole.start + at + name.length };
}

/** The `${{` without a closing brace: the last one of its text. */
function openBraces(document: YamlDocument, origin: Origin | undefined, message: string): Spanned | undefined {
  if (origin === undefined || !message.startsWith("The expression is not closed")) return undefined;
  const start = document.text.lastIndexOf("${{", origin.node.end);
  return start < origin.node.start ? undefined : { start, end: origin.node.end };
}

/** A finding about a whole mapping points at its first line. */
function firstLine(document: YamlDocument, span: Spanned): Spanned {
  const lineEnd = document.text.indexOf("\n", span.start);
  return lineEnd >= 0 && lineEnd < span.end ? { start: span.start, end: lineEnd } : span;
}
