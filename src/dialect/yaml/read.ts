import { Composer, Lexer, LineCounter, Parser, type CST, type Document, type ParsedNode } from "yaml";
import { messageOf, type Diagnostic } from "../../model/index.ts";
import { build, YamlProblem } from "./build.ts";
import { makeDiagnostic, rangeOf, YamlDocument, type Finding, type Spanned } from "./document.ts";

export interface YamlLimits {
  /** Characters of the file. */
  readonly size: number;
  /** Nesting of mappings and sequences, aliases followed. */
  readonly depth: number;
  /** Scalars, mappings and sequences, every alias counted as a copy. */
  readonly nodes: number;
  /** Words, signs, line ends and indentations of the text: what the parsing time depends on. */
  readonly tokens: number;
}

/** Ten times what the largest real workflows need. */
export const yamlLimits: YamlLimits = { size: 1024 * 1024, depth: 100, nodes: 100_000, tokens: 250_000 };

/** More findings than anyone reads; garbage can produce thousands. */
const maxFindings = 20;

export interface YamlRead {
  /** Absent if there are errors. */
  readonly document?: YamlDocument;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Parses one YAML 1.2 document with positions, anchors, aliases and merge keys. Total: for any text the result is a
 * document or diagnostics, in time linear in the text's size.
 */
export function readYaml(text: string, file: string, limits: YamlLimits = yamlLimits): YamlRead {
  const lines = new LineCounter();
  const diagnostics: Diagnostic[] = [];
  const report = (span: Spanned, finding: Finding): void => {
    if (diagnostics.length < maxFindings) diagnostics.push(makeDiagnostic(file, rangeOf(lines, span), finding));
  };
  const fail = (span: Spanned, finding: Finding): YamlRead => {
    report(span, finding);
    return { diagnostics };
  };

  if (text.length > limits.size) {
    return fail(
      { start: 0, end: 0 },
      { code: "yaml-too-large", message: `The file has ${text.length} characters; the limit is ${limits.size}.` },
    );
  }
  const control = controlCharacter.exec(text);
  if (control !== null) {
    lines.addNewLine(0);
    for (let at = text.indexOf("\n"); at >= 0 && at < control.index; at = text.indexOf("\n", at + 1))
      lines.addNewLine(at + 1);
    const code = control[0].charCodeAt(0).toString(16).padStart(4, "0");
    return fail(
      { start: control.index, end: control.index + 1 },
      {
        code: "yaml-syntax",
        message: `The file is not text: it contains the control character U+${code.toUpperCase()}.`,
      },
    );
  }

  // The parser creates an error object for every fault, thousands in garbage, and the stack trace of each costs twenty
  // times as much as the rest. Nothing is awaited before the limit is restored.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    const documents = compose(text, lines, limits);
    const first = documents[0];
    const second = documents[1];
    if (second !== undefined) {
      const start = second.range[0];
      return fail(
        { start, end: start },
        {
          code: "yaml-syntax",
          message: "The file has more than one YAML document.",
          help: "Keep one document per file: remove the `---` and everything after it.",
        },
      );
    }
    // The parser's later errors mostly follow from the first.
    const [error] = first?.errors ?? [];
    if (error !== undefined)
      return fail(
        { start: error.pos[0], end: error.pos[1] },
        { code: "yaml-syntax", message: sentence(error.message) },
      );
    for (const warning of first?.warnings ?? [])
      report(
        { start: warning.pos[0], end: warning.pos[1] },
        { code: "yaml-syntax", severity: "warning", message: sentence(warning.message) },
      );
    return { document: new YamlDocument(file, text, build(first?.contents ?? null, text, limits), lines), diagnostics };
  } catch (error) {
    if (error instanceof YamlProblem) return fail(error.span, error.finding);
    // The parser is not ours: whatever else it throws is about the text, and a front end never throws.
    return fail(
      { start: 0, end: 0 },
      { code: "yaml-syntax", message: `Cannot read the file as YAML: ${messageOf(error)}` },
    );
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** C0 and C1 control characters except tab, line feed and carriage return; YAML allows none of them. */
// oxlint-disable-next-line no-control-regex
const controlCharacter = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u0084\u0086-\u009F\uFFFE\uFFFF]/;

/**
 * Text to documents, stopping before the (recursive) composer meets nesting beyond the limit. The lexer and the token
 * parser keep their own stacks, so the depth is known without recursion.
 */
function compose(text: string, lines: LineCounter, limits: YamlLimits): Document.Parsed<ParsedNode>[] {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  const composer = new Composer({
    uniqueKeys: false,
    resolveKnownTags: false,
    prettyErrors: false,
    version: "1.2",
    strict: true,
  });
  const documents: Document.Parsed<ParsedNode>[] = [];
  const take = (tokens: Iterable<CST.Token>): void => {
    for (const token of tokens) for (const document of composer.next(token)) documents.push(document);
  };
  let tokens = 0;
  for (const lexeme of new Lexer().lex(text)) {
    take(parser.next(lexeme));
    tokens += 1;
    if (tokens > limits.tokens)
      throw tooLarge(parser.offset, `The file has more than ${limits.tokens} words and signs.`);
    // The stack holds the stream's document, every open collection and the current scalar.
    if (parser.stack.length > limits.depth + 2)
      throw tooLarge(parser.offset, `The nesting is deeper than ${limits.depth} levels.`);
    if (documents.length > 1) return documents;
  }
  take(parser.end());
  for (const document of composer.end(true, text.length)) documents.push(document);
  return documents;
}

function tooLarge(offset: number, message: string): YamlProblem {
  return new YamlProblem({ start: offset, end: offset }, { code: "yaml-too-large", message });
}

function sentence(message: string): string {
  const trimmed = message.trim().replace(/^Missing closing (["'])quote$/, "A quoted text has no closing $1");
  return /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}
