import type { Diagnostic, Place } from "../../model/index.ts";
import { makeDiagnostic, type Finding, type Range, type Spanned } from "../yaml/index.ts";

/** A stretch of unchanged text, or one inserted value. */
interface Piece {
  /** Its start in the output text. */
  readonly out: number;
  readonly start: number;
  readonly end: number;
  readonly copied: boolean;
}

/** Maps a place in the substituted text back to the author's file. */
export class TextMap {
  readonly #pieces: Piece[] = [];
  readonly #lines: readonly number[];
  #outLines: readonly number[] = [0];
  readonly file: string;

  constructor(file: string, original: string) {
    this.file = file;
    this.#lines = lineStarts(original);
  }

  /** Records where the next characters of the output come from; in output order. */
  add(out: number, source: Spanned, copied: boolean): void {
    this.#pieces.push({ out, start: source.start, end: source.end, copied });
  }

  /** Called once, when the output is complete. */
  close(output: string): void {
    this.#outLines = lineStarts(output);
  }

  /** The file's line and column for an offset of the substituted text. */
  place(offset: number): Place {
    return placeIn(this.#lines, this.#original(offset, "start"));
  }

  range(span: Spanned): Range {
    return this.originalRange(this.originalSpan(span));
  }

  /** Maps a span of the substituted text to the author's own text. */
  originalSpan(span: Spanned): Spanned {
    return { start: this.#original(span.start, "start"), end: this.#original(span.end, "end") };
  }

  /** For spans of the author's own text. */
  originalRange(span: Spanned): Range {
    const [line, column] = placeIn(this.#lines, span.start);
    const [endLine, endColumn] = placeIn(this.#lines, Math.max(span.start, span.end));
    return { line, column, endLine, endColumn };
  }

  diagnostic(span: Spanned, finding: Finding): Diagnostic {
    return makeDiagnostic(this.file, this.range(span), finding);
  }

  originalDiagnostic(span: Spanned, finding: Finding): Diagnostic {
    return makeDiagnostic(this.file, this.originalRange(span), finding);
  }

  /** Moves a diagnostic from the substituted text to the author's text. */
  moved(diagnostic: Diagnostic): Diagnostic {
    const start = offsetIn(this.#outLines, diagnostic.line, diagnostic.column);
    const end = offsetIn(this.#outLines, diagnostic.endLine, diagnostic.endColumn);
    return { ...diagnostic, ...this.range({ start, end }) };
  }

  #original(offset: number, side: "start" | "end"): number {
    let low = 0;
    let high = this.#pieces.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#pieces[middle]?.out ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    const piece = this.#pieces[low];
    if (piece === undefined) return offset;
    if (piece.copied) return Math.min(piece.end, piece.start + offset - piece.out);
    return side === "end" && offset > piece.out ? piece.end : piece.start;
  }
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

function placeIn(starts: readonly number[], offset: number): Place {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return [low + 1, offset - (starts[low] ?? 0) + 1];
}

function offsetIn(starts: readonly number[], line: number, column: number): number {
  return (starts[line - 1] ?? 0) + column - 1;
}
