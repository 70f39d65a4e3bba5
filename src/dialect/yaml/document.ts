import type { LineCounter } from "yaml";
import { codes, type Diagnostic, type ErrorCode, type Place } from "../../model/index.ts";
import { entryOf, type YamlNode } from "./node.ts";

/** The place of something for diagnostics: counted from 1, the end exclusive. */
export interface Range {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** Anything with offsets: a node, an entry's key, a part of a text. */
export interface Spanned {
  readonly start: number;
  readonly end: number;
}

export interface Finding {
  readonly code: ErrorCode;
  readonly message: string;
  /** Defaults to the code's own help. */
  readonly help?: string;
  /** Defaults to `error`. */
  readonly severity?: Diagnostic["severity"];
}

/** A parsed YAML file: its tree, and the positions of everything in it. */
export class YamlDocument {
  readonly file: string;
  readonly text: string;
  /** A scalar `null` for an empty file. */
  readonly root: YamlNode;
  readonly #lines: LineCounter;

  constructor(file: string, text: string, root: YamlNode, lines: LineCounter) {
    this.file = file;
    this.text = text;
    this.root = root;
    this.#lines = lines;
  }

  /** Line and column of an offset. */
  place(offset: number): Place {
    return placeOf(this.#lines, offset);
  }

  range(span: Spanned): Range {
    return rangeOf(this.#lines, span);
  }

  /** The node at a path of keys and indexes from the root. */
  find(path: readonly (string | number)[]): YamlNode | undefined {
    let node: YamlNode | undefined = this.root;
    for (const part of path) {
      if (typeof part === "number") node = node?.kind === "sequence" ? node.items[part] : undefined;
      else node = entryOf(node, part)?.value;
    }
    return node;
  }

  /** A finding at a node, or at any part of the text. */
  diagnostic(span: Spanned, finding: Finding): Diagnostic {
    return makeDiagnostic(this.file, this.range(span), finding);
  }
}

export function placeOf(lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset);
  return [Math.max(line, 1), Math.max(col, 1)];
}

export function rangeOf(lines: LineCounter, span: Spanned): Range {
  const [line, column] = placeOf(lines, span.start);
  const [endLine, endColumn] = placeOf(lines, Math.max(span.end, span.start));
  return { line, column, endLine, endColumn };
}

/** Combines file, place and finding; the code table provides the help. */
export function makeDiagnostic(file: string, range: Range, finding: Finding): Diagnostic {
  return {
    file,
    ...range,
    severity: finding.severity ?? "error",
    code: finding.code,
    message: finding.message,
    help: finding.help ?? codes[finding.code].help,
  };
}
