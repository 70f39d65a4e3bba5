import { CronError } from "./problem.ts";

/** The allowed values of one of the five fields. */
export interface FieldKind {
  /** The noun for a value, for messages. */
  readonly noun: string;
  readonly min: number;
  readonly max: number;
  /** Names in the order of their values, starting at `min`. */
  readonly names: readonly string[];
}

export const fieldKinds = [
  { noun: "minute", min: 0, max: 59, names: [] },
  { noun: "hour", min: 0, max: 23, names: [] },
  { noun: "day of the month", min: 1, max: 31, names: [] },
  {
    noun: "month",
    min: 1,
    max: 12,
    names: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
  },
  // Both 0 and 7 are Sunday.
  { noun: "day of the week", min: 0, max: 7, names: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"] },
] as const satisfies readonly FieldKind[];

/** A part of a field, with its position in the line. */
interface Piece {
  readonly text: string;
  readonly start: number;
}

/**
 * The values that a field allows: `*`, `5`, `MON-FRI`, `1,15`, `10-50/10` and combinations of these. `start` is where
 * the field begins in its line. Throws a CronError.
 */
export function readField(text: string, start: number, kind: FieldKind): ReadonlySet<number> {
  const values = new Set<number>();
  for (const piece of split({ text, start }, ",")) for (const value of readPart(piece, kind)) values.add(value);
  return values;
}

/** One entry of a list: a range or a single value, with an optional step. */
function readPart(piece: Piece, kind: FieldKind): readonly number[] {
  const [range = piece, step, more] = split(piece, "/");
  if (more !== undefined)
    throw problem(
      piece,
      `\`${piece.text}\` has more than one \`/\`.`,
      "Write one range and one step, for example `10-50/10`.",
    );
  const [from, to] = readRange(range, kind, step !== undefined);
  const by = step === undefined ? 1 : readStep(step, kind);
  const values: number[] = [];
  for (let value = from; value <= to; value += by) values.push(value);
  return values;
}

function readRange(piece: Piece, kind: FieldKind, stepped: boolean): readonly [from: number, to: number] {
  if (piece.text === "*") return [kind.min, kind.noun === "day of the week" ? 6 : kind.max];
  const [first = piece, last, more] = split(piece, "-");
  if (more !== undefined)
    throw problem(piece, `\`${piece.text}\` is not a range.`, "Write the first and the last value, for example `1-5`.");
  const from = readValue(first, kind);
  if (last === undefined) return [from, stepped ? kind.max : from];
  const end = readValue(last, kind);
  // A week can end on Sunday: FRI-SUN.
  const to = end === 0 && from > 0 && kind.noun === "day of the week" ? 7 : end;
  if (to < from)
    throw problem(
      piece,
      `The range \`${piece.text}\` ends before it begins.`,
      `Write two ranges: \`${first.text}-${shown(kind.max, kind)},${shown(kind.min, kind)}-${last.text}\`.`,
    );
  return [from, to];
}

function readValue(piece: Piece, kind: FieldKind): number {
  const name = kind.names.indexOf(piece.text.toUpperCase());
  if (name >= 0) return name + kind.min;
  const value = /^\d{1,9}$/.test(piece.text) ? Number(piece.text) : undefined;
  if (value !== undefined && value >= kind.min && value <= kind.max) return value;
  throw problem(
    piece,
    piece.text === "" ? `The ${kind.noun} is missing.` : `\`${piece.text}\` is not a valid ${kind.noun}.`,
    adviceOn(piece.text, kind),
  );
}

function readStep(piece: Piece, kind: FieldKind): number {
  const step = /^\d{1,9}$/.test(piece.text) ? Number(piece.text) : 0;
  if (step >= 1 && step <= kind.max) return step;
  throw problem(
    piece,
    `\`${piece.text}\` is not a valid step.`,
    `A step is a number from 1 to ${kind.max}: \`*/5\` is every fifth ${kind.noun}, starting at ${kind.min}.`,
  );
}

function adviceOn(text: string, kind: FieldKind): string {
  const long = kind.names.find((name) => text.length > 3 && text.toUpperCase().startsWith(name));
  if (long !== undefined) return `Names have three letters: write \`${long}\`.`;
  if (text === "?") return "Write `*` for any value.";
  if (/[LW#]/i.test(text) && /^[\dLW#]+$/i.test(text))
    return "`L`, `W` and `#` are not supported: list the days, and let the job check the date.";
  const names = kind.names.length === 0 ? "" : `, or ${kind.names[0] ?? ""} to ${kind.names.at(-1) ?? ""}`;
  return `Write a number from ${kind.min} to ${kind.max}${names}, or \`*\` for any.`;
}

function shown(value: number, kind: FieldKind): string {
  return kind.names[value - kind.min] ?? String(value);
}

function split(piece: Piece, separator: string): readonly Piece[] {
  let start = piece.start;
  return piece.text.split(separator).map((text) => {
    const part = { text, start };
    start += text.length + separator.length;
    return part;
  });
}

function problem(piece: Piece, message: string, help: string): CronError {
  return new CronError({ message, help, start: piece.start, end: piece.start + Math.max(piece.text.length, 1) });
}
