/*
 * GitHub's patterns for branches, tags and paths:
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet
 * `*` is any text without `/`, `**` any text, `?` makes the character before it optional, `+` repeats it,
 * `[…]` is one of the characters, `\` takes the next one literally. Matched position by position rather than
 * as a regular expression, so that no pattern takes more than its length times the text's.
 */

interface Piece {
  /** One character that it accepts; for `dirs`, any number of whole folders with their `/`. */
  readonly accepts: ((character: string) => boolean) | "dirs";
  readonly optional: boolean;
  readonly repeats: boolean;
}

/** Patterns and texts beyond this are no names of anything. */
const maxLength = 4096;

/** True when the pattern matches the whole text. A leading `!` has no meaning here. */
export function matchesGlob(pattern: string, text: string): boolean {
  if (pattern.length > maxLength || text.length > maxLength) return false;
  let reached = Array.from({ length: text.length + 1 }, (_, at) => at === 0);
  for (const piece of piecesOf(pattern)) {
    reached = advance(reached, piece, text);
    if (!reached.includes(true)) return false;
  }
  return reached[text.length] === true;
}

/** Goes through the patterns in order: a match includes, a match of a `!` pattern excludes, the last one decides. */
export function matchesList(patterns: readonly string[], text: string): boolean {
  let included = false;
  for (const pattern of patterns) {
    const negative = pattern.startsWith("!");
    if (included !== negative) continue;
    if (matchesGlob(negative ? pattern.slice(1) : pattern, text)) included = !negative;
  }
  return included;
}

/** The positions in the text that can be reached through one piece. */
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
      pieces.push({ accepts: wholeFolders ? "dirs" : double ? anything : notSlash, optional: true, repeats: true });
      at = wholeFolders ? end + 1 : end;
    } else if ((character === "?" || character === "+") && last !== undefined) {
      pieces[pieces.length - 1] = character === "?" ? { ...last, optional: true } : { ...last, repeats: true };
      at += 1;
    } else if (character === "[" && pattern.indexOf("]", at + 2) > 0) {
      const end = pattern.indexOf("]", at + 2);
      const set = pattern.slice(at + 1, end);
      pieces.push({ accepts: (each) => isInSet(set, each), optional: false, repeats: false });
      at = end + 1;
    } else {
      const escaped = character === "\\" && at + 1 < pattern.length;
      const literal = escaped ? pattern.charAt(at + 1) : character;
      pieces.push({ accepts: (each) => each === literal, optional: false, repeats: false });
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
