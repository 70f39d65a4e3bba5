import type { Content } from "./content.ts";
import type { LineIndex } from "./line-index.ts";
import { afterNewline, countNewlines } from "./newlines.ts";

/** A log as it was at one moment; later appends are not visible. */
export interface LogView {
  readonly content: Content;
  readonly index: LineIndex;
  readonly length: number;
  readonly newlines: number;
  /** Readable lines: a last one without newline counts once the log is closed. */
  readonly lines: number;
  readonly closed: boolean;
}

/** Bytes read at once. */
export const blockSize = 256 * 1024;

/** Reads a block of the view: empty at its end. */
export async function readBlock(view: LogView, position: number, length = blockSize): Promise<Buffer> {
  return position >= view.length
    ? Buffer.alloc(0)
    : view.content.read(position, Math.min(length, view.length - position));
}

/** Where line `number` (from 1) starts; the end of the log if there is no such line. */
export async function startOfLine(view: LogView, number: number): Promise<number> {
  const before = number - 1;
  if (before <= 0) return 0;
  if (before > view.newlines) return view.length;
  const found = await view.index.findLast((mark) => mark.lines < before);
  const mark = found === -1 ? undefined : (await view.index.read(found))[0];
  let left = before - (mark?.lines ?? 0);
  for (let position = mark?.offset ?? 0; ; ) {
    const block = await readBlock(view, position);
    if (block.length === 0) return view.length;
    const newlines = countNewlines(block);
    if (newlines >= left) return position + afterNewline(block, left);
    left -= newlines;
    position += block.length;
  }
}
