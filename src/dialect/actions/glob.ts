/*
 * GitHub's patterns for branches, tags and paths:
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet `*` is any
 * text without `/`, `**` any text, `?` makes the preceding character optional, `+` repeats it, `[…]` is one of the
 * characters, `\` escapes the next one. Matched position by position instead of with a regular expression, so that no
 * pattern takes more than its length times the text's.
 */

import { Work } from "../pattern/index.ts";

interface Piece {
  /** One character that it accepts; for `dirs`, any number of whole folders with their `/`. */
  readonly accepts: ((character: string) => boolean) | "dirs";
  readonly optional: boolean;
  readonly repeats: boolean;
  /** The number of characters it compares one with. */
  readonly cost: number;
}

/** Patterns and texts beyond this length are not real names. */
const maxLength = 4096;

/** A compiled pattern. Throws `WorkExceeded` if the comparison exceeds the remaining budget. */
type Pattern = (text: string, work: Work) => boolean;

/** Whether the pattern matches the whole text. A leading `!` has no meaning here. */
export function matchesGlob(pattern: string, text: string, work = new Work()): boolean {
  return compile(pattern)(text, work);
}

/** Applies the patterns in order: a match includes, a match of a `!` pattern excludes, the last one decides. */
export function matchesList(patterns: readonly string[], text: string, work = new Work()): boolean {
  return compileList(patterns)(text, work);
}

/** Like `matchesList`, for many texts. */
export function compileList(patterns: readonly string[]): Pattern {
  const compiled = patterns.map((pattern) =>
    pattern.startsWith("!")
      ? { included: false, matches: compile(pattern.slice(1)) }
      : { included: true, matches: compile(pattern) },
  );
  return (text, work) => {
    // From the end, the first match is the last one, which decides.
    work.spend(compiled.length);
    return compiled.findLast(({ matches }) => matches(text, work))?.included ?? false;
  };
}

function compile(pattern: string): Pattern {
  if (pattern.length > maxLength) return () => false;
  // The literal text at the beginning and the end rules out most texts.
  const literal = /^[^*?+[\\]*/.exec(pattern)?.[0] ?? "";
  const prefix = /[?+]/.test(pattern.charAt(literal.length)) ? literal.slice(0, -1) : literal;
  const suffix = /[^*?+[\]\\/]*$/.exec(pattern)?.[0] ?? "";
  const pieces = literal === pattern ? undefined : piecesOf(pattern);
  return (text, work) => {
    if (pieces === undefined) return text === pattern;
    if (text.length > maxLength || !text.startsWith(prefix) || !text.endsWith(suffix)) return false;
    let reached = Array.from({ length: text.length + 1 }, (_, at) => at === 0);
    for (const piece of pieces) {
      work.spend(text.length * piece.cost + 1);
      reached = advance(reached, piece, text);
      if (!reached.includes(true)) return false;
    }
    return reached[text.length] === true;
  };
}

/** The positions in the text reachable through one piece. */
function advance(from: readonly boolean[], { accepts, optional, repeats }: Piece, text: string): boolean[] {
  const to = optional ? [...from] : from.map(() => false);
  let inside = false;
  for (let at = 0; at < text.length; at += 1) {
    const starts = from[at] === true;
    if (accepts === "dirs") {
      inside ||= starts;
      if (inside && text.charAt(at) === "/") to[at + 1] = true;
    } else {
      inside = (starts || (inside && repeats)) && accepts(text.charAt(at));
      if (inside) to[at + 1] = true;
    }
  }
  return to;
}

const notSlash = (character: string): boolean => character !== "/";
const anything = (): boolean => true;

function piecesOf(pattern: string): readonly Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0; at < pattern.length; ) {
    const character = pattern.charAt(at);
    const last = pieces.at(-1);
    if (character === "*") {
      const double = pattern.charAt(at + 1) === "*";
      let end = at;
      while (pattern.charAt(end) === "*") end += 1;
      const wholeFolders = double && pattern.charAt(end) === "/" && (at === 0 || pattern.charAt(at - 1) === "/");
      pieces.push({
        accepts: wholeFolders ? "dirs" : double ? anything : notSlash,
        optional: true,
        repeats: true,
        cost: 1,
      });
      at = wholeFolders ? end + 1 : end;
    } else if ((character === "?" || character === "+") && last !== undefined) {
      pieces[pieces.length - 1] = character === "?" ? { ...last, optional: true } : { ...last, repeats: true };
      at += 1;
    } else if (character === "[" && pattern.indexOf("]", at + 2) > 0) {
      const end = pattern.indexOf("]", at + 2);
      const set = pattern.slice(at + 1, end);
      pieces.push({ accepts: (each) => isInSet(set, each), optional: false, repeats: false, cost: set.length });
      at = end + 1;
    } else {
      const escaped = character === "\\" && at + 1 < pattern.length;
      const literal = escaped ? pattern.charAt(at + 1) : character;
      pieces.push({ accepts: (each) => each === literal, optional: false, repeats: false, cost: 1 });
      at += escaped ? 2 : 1;
    }
  }
  return pieces;
}

/** `a-z0-9_`: single characters and ranges. */
function isInSet(set: string, character: string): boolean {
  for (let at = 0; at < set.length; at += 1) {
    if (set.charAt(at + 1) === "-" && at + 2 < set.length) {
      if (character >= set.charAt(at) && character <= set.charAt(at + 2)) return true;
      at += 2;
    } else if (set.charAt(at) === character) return true;
  }
  return false;
}
