import type { Logs } from "../port.ts";
import { withoutAnsi } from "./ansi.ts";
import { countNewlines } from "./newlines.ts";
import { type LogView, readBlock, startOfLine } from "./view.ts";

type Found = Awaited<ReturnType<Logs["search"]>>;
type Options = Parameters<Logs["search"]>[3];

/** Characters of a matching line that are shown, around the match. */
const shown = 1_000;
const newline = 10;

/**
 * Searches block by block: a block is lower-cased and looked through as a whole, and cut into lines only when the text
 * is in it. Stops at the limit, or with the signal's reason when that is aborted.
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

/** Lines of a whole block that contain the text, by their place in it. The count is given when the lines had to be told apart. */
function findLines(block: string, wanted: string): { readonly found: readonly (readonly [number, string])[]; readonly count?: number } {
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
async function searchLongLine(view: LogView, start: number, wanted: string, signal: AbortSignal): Promise<string | undefined> {
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

const errorMarks = ["::error", "##[error]"];

/**
 * The number of the first line that begins with an `::error` command or `##[error]`
 * (https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands).
 */
export async function findFirstError(view: LogView): Promise<number | undefined> {
  let number = 1;
  for (let position = 0; number <= view.lines; ) {
    const block = await readBlock(view, position);
    const end = block.lastIndexOf(newline) + 1;
    const at = firstErrorAt(block, end === 0 ? block.length : end);
    if (at !== undefined) return number + countNewlines(block.subarray(0, at));
    if (end === 0) {
      number += 1;
      position = await startOfLine(view, number);
    } else {
      number += countNewlines(block.subarray(0, end));
      position += end;
    }
  }
  return undefined;
}

/** Where the first such line of the block begins. */
function firstErrorAt(block: Buffer, end: number): number | undefined {
  let first: number | undefined;
  for (const mark of errorMarks) {
    for (let at = block.indexOf(mark); at !== -1 && at < (first ?? end); at = block.indexOf(mark, at + 1)) {
      const next = block[at + mark.length];
      // `::error::…` and `::error file=…::…`, not `::errors…`
      if ((at === 0 || block[at - 1] === newline) && (mark.startsWith("#") || next === 0x3a || next === 0x20)) first = at;
    }
  }
  return first;
}
