import type { Place } from "../../model/index.ts";
import type { Spanned, YamlDocument, YamlScalar } from "../yaml/index.ts";

/**
 * Maps an offset in a scalar's value to its place in the file. Quotes, indentation and folding shift it, so it is found
 * by the preceding `${{`: value and file contain the same ones in the same order.
 */
export function offsetInFile(document: YamlDocument, node: YamlScalar, offset: number): number {
  const value = typeof node.value === "string" ? node.value : node.source;
  let at = -1;
  let written = node.start - 1;
  for (;;) {
    const next = value.indexOf("${{", at + 1);
    if (next < 0 || next > offset) break;
    const found = document.text.indexOf("${{", written + 1);
    if (found < 0 || found >= node.end) break;
    at = next;
    written = found;
  }
  if (at >= 0) return Math.min(written + offset - at, node.end);
  if (node.block !== undefined) return offsetInBlock(document, node, value, offset);
  const quote = /["']/.test(document.text.charAt(node.start)) ? 1 : 0;
  return Math.min(node.start + quote + offset, node.end);
}

/** The characters of the `${{ }}` that begins at an offset of the value. */
export function expressionSpan(document: YamlDocument, node: YamlScalar, offset: number): Spanned {
  const start = offsetInFile(document, node, Math.max(offset, 0));
  const close = document.text.indexOf("}}", start);
  return { start, end: close >= 0 && close + 2 <= node.end ? close + 2 : node.end };
}

export function placeInside(document: YamlDocument, node: YamlScalar, offset: number): Place {
  return document.place(offsetInFile(document, node, offset));
}

/** A literal block keeps its lines: the line number and the block's indentation give the offset. */
function offsetInBlock(document: YamlDocument, node: YamlScalar, value: string, offset: number): number {
  const before = value.slice(0, offset).split("\n");
  const lines = document.text.slice(node.start, node.end).split("\n");
  const indent =
    lines
      .slice(1)
      .find((line) => line.trim() !== "")
      ?.search(/\S/) ?? 0;
  const skipped = lines.slice(0, before.length).reduce((sum, line) => sum + line.length + 1, 0);
  return Math.min(node.start + skipped + indent + (before.at(-1)?.length ?? 0), node.end);
}
