import type { LogRange } from "./port.ts";
import { blockSize, type LogView, readBlock, startOfLine } from "./view.ts";

/** Longer lines are cut when read. */
export const lineLimit = 64 * 1024;
/** Maximum bytes of a page, however many lines were requested, but always at least one line. */
const pageBytes = 4 * 1024 * 1024;
const pageLines = 10_000;

const newline = 10;
const carriageReturn = 13;

/**
 * The lines starting at `first` (from 1; negative from the end), as text: without line ends, cut at 64 KiB. Memory is
 * bounded: a result has at most 10,000 lines and about 4 MiB, so it may have fewer lines than requested.
 */
export async function readPage(view: LogView, first: number, count: number): Promise<LogRange> {
  const from = first < 0 ? Math.max(1, view.lines + first + 1) : Math.max(1, first);
  const wanted = Math.min(count, pageLines, view.lines - from + 1);
  const lines: string[] = [];
  const starts: number[] = [];
  let bytes = 0;
  let position = wanted > 0 ? await startOfLine(view, from) : 0;
  while (lines.length < wanted && bytes < pageBytes) {
    const block = await readBlock(view, position);
    let at = 0;
    while (lines.length < wanted && bytes < pageBytes) {
      const end = block.indexOf(newline, at);
      if (end === -1) break;
      starts.push(position + at);
      lines.push(lineText(block.subarray(at, end)));
      bytes += Math.min(end - at, lineLimit);
      at = end + 1;
    }
    position += at;
    if (at > 0 && position < view.length) continue;
    if (lines.length >= wanted || bytes >= pageBytes) break;
    // The whole block is one line: a very long one, or the last one of a closed log.
    const head = await readBlock(view, position, Math.min(blockSize, lineLimit + 4));
    starts.push(position);
    lines.push(lineText(head));
    bytes += lineLimit;
    position = await startOfLine(view, from + lines.length);
  }
  return {
    first: from,
    lines,
    times: await timesOf(view, starts),
    total: view.lines,
    bytes: view.length,
    closed: view.closed,
  };
}

/** A line's text; invalid UTF-8 becomes the replacement character. */
export function lineText(bytes: Buffer): string {
  if (bytes.length > lineLimit) return `${bytes.toString("utf8", 0, characterEnd(bytes, lineLimit))} … (cut at 64 KiB)`;
  const end = bytes.at(-1) === carriageReturn ? bytes.length - 1 : bytes.length;
  return bytes.toString("utf8", 0, end);
}

/** The last position up to `limit` that is not inside a character. */
function characterEnd(bytes: Buffer, limit: number): number {
  for (let at = limit; at > limit - 4; at -= 1) if (((bytes[at] ?? 0) & 0xc0) !== 0x80) return at;
  return limit;
}

/** When the lines at these offsets arrived: the time of the mark before each. */
async function timesOf(view: LogView, starts: readonly number[]): Promise<number[]> {
  const first = starts[0];
  if (first === undefined) return [];
  let number = Math.max(0, await view.index.findLast((mark) => mark.offset <= first));
  let marks = await view.index.read(number);
  let at = 0;
  let time = marks[0]?.time ?? 0;
  const times: number[] = [];
  for (const start of starts) {
    for (;;) {
      if (at === marks.length && marks.length > 0) {
        number += marks.length;
        marks = await view.index.read(number);
        at = 0;
      }
      const mark = marks[at];
      if (mark === undefined || mark.offset > start) break;
      time = mark.time;
      at += 1;
    }
    times.push(time);
  }
  return times;
}
