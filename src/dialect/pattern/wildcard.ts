import type { Work } from "./work.ts";

/** One position of a wildcard pattern. */
export type Token =
  | { readonly kind: "character"; readonly value: string }
  | { readonly kind: "any" }
  | { readonly kind: "star" }
  | {
      readonly kind: "class";
      readonly negated: boolean;
      readonly ranges: readonly (readonly [from: string, to: string])[];
    };

/**
 * Parses `*`, `?`, `[a-z]`, `[^a-z]`, `[!a-z]` and `\x`. Undefined for an unclosed or empty class, or a trailing `\`.
 */
export function parseWildcard(pattern: string): readonly Token[] | undefined {
  const characters = [...pattern];
  const tokens: Token[] = [];
  let at = 0;
  while (at < characters.length) {
    const character = characters[at] ?? "";
    at += 1;
    if (character === "*") {
      // Several stars in a row mean the same as one.
      if (tokens.at(-1)?.kind !== "star") tokens.push({ kind: "star" });
    } else if (character === "?") tokens.push({ kind: "any" });
    else if (character === "[") {
      const read = parseClass(characters, at);
      if (read === undefined) return undefined;
      tokens.push(read.token);
      at = read.next;
    } else if (character === "\\") {
      const escaped = characters[at];
      if (escaped === undefined) return undefined;
      tokens.push({ kind: "character", value: escaped });
      at += 1;
    } else tokens.push({ kind: "character", value: character });
  }
  return tokens;
}

function parseClass(characters: readonly string[], from: number): { token: Token; next: number } | undefined {
  let at = from;
  const negated = characters[at] === "^" || characters[at] === "!";
  if (negated) at += 1;
  const ranges: [string, string][] = [];
  const one = (): string | undefined => {
    const character = characters[at];
    if (character === undefined || character === "-") return undefined;
    at += 1;
    if (character !== "\\") return character;
    at += 1;
    return characters[at - 1];
  };
  while (characters[at] !== "]") {
    const low = one();
    if (low === undefined) return undefined;
    let high: string | undefined = low;
    if (characters[at] === "-") {
      at += 1;
      high = characters[at] === "]" ? undefined : one();
    }
    if (high === undefined) return undefined;
    ranges.push([low, high]);
  }
  return ranges.length === 0 ? undefined : { token: { kind: "class", negated, ranges }, next: at + 1 };
}

/**
 * How many leading characters the tokens match in full: the fewest and the most, at least `least`. Follows all
 * alternatives at once, so the time is the product of both lengths for any pattern.
 */
export function matchPrefix(
  tokens: readonly Token[],
  characters: readonly string[],
  least = 0,
): { readonly shortest: number; readonly longest: number } | undefined {
  let active: boolean[] = [true];
  follow(tokens, active);
  let shortest: number | undefined;
  let longest = 0;
  for (let length = 0; ; length += 1) {
    if (active[tokens.length] === true && length >= least) {
      shortest ??= length;
      longest = length;
    }
    const character = characters[length];
    if (character === undefined) break;
    const next: boolean[] = [];
    let alive = false;
    for (let at = 0; at < tokens.length; at += 1) {
      const token = tokens[at];
      if (active[at] !== true || token === undefined || !accepts(token, character)) continue;
      next[token.kind === "star" ? at : at + 1] = true;
      alive = true;
    }
    if (!alive) break;
    follow(tokens, next);
    active = next;
  }
  return shortest === undefined ? undefined : { shortest, longest };
}

/**
 * Whether the tokens match all of the characters. Only the last star is ever retried: it can reach everything that an
 * earlier one could. So the time is at most the product of both lengths.
 */
export function matchAll(tokens: readonly Token[], characters: readonly string[], work: Work): boolean {
  let [at, position, spent] = [0, 0, 1];
  let star: { readonly next: number; from: number } | undefined;
  for (;;) {
    const token = tokens[at];
    const character = characters[position];
    if (token === undefined && character === undefined) break;
    spent += token?.kind === "class" ? token.ranges.length : 1;
    if (token?.kind === "star") {
      at += 1;
      star = { next: at, from: position };
    } else if (token !== undefined && character !== undefined && accepts(token, character))
      [at, position] = [at + 1, position + 1];
    else if (star === undefined || character === undefined) {
      work.spend(spent);
      return false;
    } else {
      star.from += 1;
      [at, position] = [star.next, star.from];
    }
  }
  work.spend(spent);
  return true;
}

/** A star also matches nothing. */
function follow(tokens: readonly Token[], active: boolean[]): void {
  for (let at = 0; at < tokens.length; at += 1)
    if (active[at] === true && tokens[at]?.kind === "star") active[at + 1] = true;
}

function accepts(token: Token, character: string): boolean {
  switch (token.kind) {
    case "character":
      return token.value === character;
    case "class": {
      const code = character.codePointAt(0) ?? 0;
      return (
        token.ranges.some(([low, high]) => (low.codePointAt(0) ?? 0) <= code && code <= (high.codePointAt(0) ?? 0)) !==
        token.negated
      );
    }
    default:
      return true;
  }
}
