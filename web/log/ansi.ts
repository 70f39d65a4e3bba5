import { escapeSequence } from "../../src/model/escape-sequence.ts";
import { readable } from "../api/readable.ts";

/**
 * The style of a piece of a line. A colour is one of the theme's sixteen, or `rgb` as `#rrggbb` that the theme makes
 * readable.
 */
export interface Look {
  readonly color?: number | string;
  readonly background?: number | string;
  readonly bold?: true;
  readonly dim?: true;
  readonly italic?: true;
  readonly underline?: true;
  readonly strike?: true;
  readonly inverse?: true;
}

export interface Piece {
  /** Where it starts in the line. */
  readonly at: number;
  readonly text: string;
  readonly look: Look;
}

/** A longer line is cut in the view; the download has all of it. */
export const LONGEST = 8_000;

const ESC = "\u001B";
const sequence = new RegExp(escapeSequence, "g");
/** Other control characters. */
const control = new RegExp(String.raw`[\u0000-\u0008\u000A-\u001F\u007F-\u009F]`, "g");

/** Text without control characters. Direction characters are shown, as everywhere on the page. */
function clean(text: string): string {
  return readable(text.replace(control, ""));
}

/** Text as a terminal would show it: whatever a carriage return overwrote is gone. */
function afterReturns(line: string): string {
  const end = line.endsWith("\r") ? line.slice(0, -1) : line;
  return end.slice(end.lastIndexOf("\r") + 1);
}

/** The line without any escape sequence or control character. */
export function plain(line: string): string {
  return clean(afterReturns(line).replace(sequence, ""));
}

/** Splits a line into pieces of one style; only SGR sequences have an effect. */
export function pieces(line: string): Piece[] {
  const text = afterReturns(line);
  if (!text.includes(ESC) && !text.includes("\u009B"))
    return text === "" ? [] : [{ at: 0, text: clean(text.replace(sequence, "")), look: {} }];
  const result: Piece[] = [];
  let look: Look = {};
  let from = 0;
  const push = (to: number): void => {
    const piece = clean(text.slice(from, to));
    if (piece !== "") result.push({ at: from, text: piece, look });
  };
  for (const match of text.matchAll(sequence)) {
    push(match.index);
    from = match.index + match[0].length;
    const parameters = match[1] ?? match[3];
    if ((match[2] ?? match[4]) === "m" && parameters !== undefined && !/[<=>?]/.test(parameters))
      look = applied(look, parameters);
  }
  push(text.length);
  return result;
}

const flags: Readonly<Record<number, keyof Look>> = {
  1: "bold",
  2: "dim",
  3: "italic",
  4: "underline",
  7: "inverse",
  9: "strike",
};
const ends: Readonly<Record<number, readonly (keyof Look)[]>> = {
  21: ["bold"],
  22: ["bold", "dim"],
  23: ["italic"],
  24: ["underline"],
  27: ["inverse"],
  29: ["strike"],
  39: ["color"],
  49: ["background"],
};

/** Applies a sequence's parameters to a style (ECMA-48 § 8.3.117). */
function applied(look: Look, parameters: string): Look {
  let next: Record<string, unknown> = { ...look };
  const list = parameters.split(";");
  for (let index = 0; index < list.length; index += 1) {
    const parts = (list[index] ?? "").split(":").map(Number);
    const code = parts[0] ?? 0;
    if (code === 38 || code === 48) {
      // `38;2;r;g;b` as commonly written, or `38:2::r:g:b` as in ITU T.416.
      const colons = parts.length > 1;
      const rest = colons ? parts.slice(1) : list.slice(index + 1, index + 5).map(Number);
      const colour = extended(rest);
      if (colour !== undefined) next[code === 38 ? "color" : "background"] = colour;
      if (!colons) index += rest[0] === 2 ? 4 : 2;
    } else next = simple(next, code);
  }
  return next;
}

function simple(next: Record<string, unknown>, code: number): Record<string, unknown> {
  if (code === 0) return {};
  const flag = flags[code];
  if (flag) return { ...next, [flag]: true };
  const ended = ends[code];
  if (ended) return Object.fromEntries(Object.entries(next).filter(([key]) => !ended.some((each) => each === key)));
  if (code >= 30 && code <= 37) return { ...next, color: code - 30 };
  if (code >= 40 && code <= 47) return { ...next, background: code - 40 };
  if (code >= 90 && code <= 97) return { ...next, color: code - 82 };
  if (code >= 100 && code <= 107) return { ...next, background: code - 92 };
  return next;
}

function extended(rest: readonly number[]): number | string | undefined {
  if (rest[0] === 5) return palette(rest[1] ?? 0);
  // With five parts the second names a colour space.
  return rest[0] === 2 ? hex(rest.slice(rest.length >= 5 ? 2 : 1)) : undefined;
}

/** The 256 colours: sixteen of the theme, a cube of 6×6×6, a ramp of 24 greys. */
function palette(index: number): number | string | undefined {
  if (!(index >= 0 && index <= 255)) return undefined;
  if (index < 16) return index;
  if (index >= 232) return hex(Array.from({ length: 3 }, () => 8 + (index - 232) * 10));
  const cube = index - 16;
  return hex(
    [Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map((level) => (level === 0 ? 0 : 55 + level * 40)),
  );
}

function hex(colours: readonly number[]): string {
  return `#${byte(colours[0] ?? 0)}${byte(colours[1] ?? 0)}${byte(colours[2] ?? 0)}`;
}

function byte(value: number): string {
  return Math.min(255, Math.max(0, value || 0))
    .toString(16)
    .padStart(2, "0");
}
