import type { Logs } from "./port.ts";
import { withoutAnsi } from "./ansi.ts";
import { failureOf, trace } from "./failure.ts";
import { countNewlines } from "./newlines.ts";
import { type LogView, readBlock, startOfLine } from "./view.ts";

type Found = Awaited<ReturnType<Logs["search"]>>;
type FoundErrors = Awaited<ReturnType<Logs["errors"]>>;
type Options = Parameters<Logs["search"]>[3];

/** Characters of a matching line to show, around the match. */
const shown = 1_000;
const newline = 10;
/** Maximum bytes of a line to judge. */
const excerptBytes = 4_096;

/**
 * Searches block by block: lower-cases and searches a block as a whole, and splits it into lines only if it contains
 * the text. Stops at the limit, or with the signal's reason when that is aborted.
 */
export async function searchLog(view: LogView, text: string, { from, limit, signal }: Options): Promise<Found> {
  const wanted = text.toLowerCase();
  const matches: { line: number; text: string }[] = [];
  if (wanted === "" || wanted.includes("\n")) return { matches, more: false };
  let number = Math.max(1, from);
  let position = await startOfLine(view, number);
  while (number <= view.lines) {
    signal.throwIfAborted();
    const block = await readBlock(view, position);
    const end = block.lastIndexOf(newline) + 1;
    if (end === 0) {
      const long = await searchLongLine(view, position, wanted, signal);
      if (long !== undefined) matches.push({ line: number, text: long });
      number += 1;
      position = await startOfLine(view, number);
    } else {
      const lines = findLines(block.toString("utf8", 0, end), wanted);
      for (const [at, line] of lines.found) matches.push({ line: number + at, text: line });
      number += lines.count ?? countNewlines(block.subarray(0, end));
      position += end;
    }
    if (matches.length > limit) return { matches: matches.slice(0, limit), more: true };
  }
  return { matches, more: false };
}

/**
 * Lines of a whole block that contain the text, by position. The count is returned if the lines had to be separated.
 */
function findLines(
  block: string,
  wanted: string,
): { readonly found: readonly (readonly [number, string])[]; readonly count?: number } {
  const text = withoutAnsi(block);
  if (!text.toLowerCase().includes(wanted)) return { found: [] };
  const lines = text.split("\n");
  lines.pop();
  const found: [number, string][] = [];
  for (const [at, line] of lines.entries()) {
    const where = line.toLowerCase().indexOf(wanted);
    if (where !== -1) found.push([at, excerpt(line, where)]);
  }
  return { found, count: lines.length };
}

/** A line longer than a block, or the last one without newline, in pieces that overlap by the text's length. */
async function searchLongLine(
  view: LogView,
  start: number,
  wanted: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const decoder = new TextDecoder();
  let carried = "";
  for (let position = start; position < view.length; ) {
    signal.throwIfAborted();
    const block = await readBlock(view, position);
    const end = block.indexOf(newline);
    const piece = carried + decoder.decode(end === -1 ? block : block.subarray(0, end), { stream: true });
    const text = withoutAnsi(piece);
    const where = text.toLowerCase().indexOf(wanted);
    if (where !== -1) return excerpt(text, where);
    if (end !== -1) return undefined;
    carried = text.slice(-(wanted.length + 256));
    position += block.length;
  }
  return undefined;
}

function excerpt(line: string, where: number): string {
  const text = line.endsWith("\r") ? line.slice(0, -1) : line;
  if (text.length <= shown) return text;
  const from = Math.max(0, Math.min(where - shown / 4, text.length - shown));
  return `${from > 0 ? "…" : ""}${text.slice(from, from + shown)}${from + shown < text.length ? "…" : ""}`;
}

/**
 * Finds the lines that report a failure, in one pass. `first` is where a reader should start: at the first explicit
 * one, else at the first that looks like one. The runner's closing message counts only if there is nothing else.
 */
export async function findErrors(
  view: LogView,
  { limit, signal }: { readonly limit: number; readonly signal: AbortSignal },
): Promise<FoundErrors> {
  const lines: number[] = [];
  let outright: number | undefined;
  let last: number | undefined;
  let number = 1;
  for (let position = 0; number <= view.lines && (outright === undefined || lines.length <= limit); ) {
    signal.throwIfAborted();
    const block = await readBlock(view, position);
    const whole = block.lastIndexOf(newline) + 1;
    const end = whole === 0 ? block.length : whole;
    for (const [at, kind] of failuresIn(block, end)) {
      if (kind === "closing") last ??= number + at;
      else if (lines.length <= limit) lines.push(number + at);
      if (kind === "command") outright ??= number + at;
    }
    if (whole === 0) {
      number += 1;
      position = await startOfLine(view, number);
    } else {
      number += countNewlines(block.subarray(0, end));
      position += end;
    }
  }
  const first = outright ?? lines[0] ?? last ?? null;
  return {
    first,
    lines: lines.length === 0 && last !== undefined ? [last] : lines.slice(0, limit),
    more: lines.length > limit,
  };
}

/** The failures of a block, each with the number of lines before it in the block. */
function* failuresIn(
  block: Buffer,
  end: number,
): Generator<readonly [before: number, kind: NonNullable<ReturnType<typeof failureOf>>]> {
  const bytes = block.toString("latin1", 0, end);
  let counted = 0;
  let before = 0;
  trace.lastIndex = 0;
  for (let match = trace.exec(bytes); match !== null; match = trace.exec(bytes)) {
    const start = match.index === 0 ? 0 : bytes.lastIndexOf("\n", match.index - 1) + 1;
    const stop = bytes.indexOf("\n", match.index);
    const to = stop === -1 ? end : stop;
    const kind = failureOf(block.toString("utf8", start, Math.min(to, start + excerptBytes)));
    if (kind !== undefined) {
      before += countNewlines(block.subarray(counted, start));
      counted = start;
      yield [before, kind];
    }
    trace.lastIndex = to + 1;
  }
}
