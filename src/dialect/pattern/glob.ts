import { matchAll, parseWildcard, type Token } from "./wildcard.ts";
import { Work } from "./work.ts";

/** More alternatives than anyone writes; braces multiply. */
const maxAlternatives = 256;
const maxPatternLength = 4096;
const maxExpandedLength = 8192;

type Segment = "**" | readonly Token[];

interface Alternative {
  /** The literal text at its beginning and end: it rules out most texts. */
  readonly prefix: string;
  readonly suffix: string;
  readonly segments: readonly Segment[];
}

/** A compiled pattern. Throws `WorkExceeded` if the comparison exceeds the remaining budget. */
export type Glob = (text: string, work: Work) => boolean;

/**
 * Compiles a pattern of Woodpecker's filters (bmatcuk/doublestar) and of the native dialect: `*` and `?` stay within
 * one path segment, `**` as a whole segment matches any number of segments, `[a-z]`, `[^a-z]` and `{one,two}` are
 * alternatives, `\` escapes the next character. `a/**` matches `a` too, but `a\/**` does not: its slash must be there;
 * and before `\/`, `**` is no more than `*`. Undefined if the pattern is malformed; such a pattern matches nothing.
 */
export function compileGlob(pattern: string): Glob | undefined {
  const alternatives = pattern.length > maxPatternLength ? undefined : expandBraces(pattern);
  if (alternatives === undefined) return undefined;
  const compiled: Alternative[] = [];
  for (const alternative of alternatives) {
    const segments: Segment[] = [];
    const parts = partsOf(alternative);
    for (const [index, { text, escaped }] of parts.entries()) {
      const after = parts[index + 1];
      const isStars = text === "**" && after?.escaped !== true;
      if (isStars && escaped && after === undefined) segments.push(anyPart);
      const segment = isStars ? "**" : parseWildcard(text);
      if (segment === undefined) return undefined;
      segments.push(segment);
    }
    // A `**` also matches no folder at all, and then the preceding slash matches nothing.
    compiled.push({
      prefix: /^[^\\*?[]*/.exec(alternative.replace(/\/?\*\*.*$/s, ""))?.[0] ?? "",
      suffix: /[^\\*?[\]/]*$/.exec(alternative)?.[0] ?? "",
      segments,
    });
  }
  return (text, work) => {
    work.spend(compiled.length);
    const possible = compiled.filter(({ prefix, suffix }) => text.startsWith(prefix) && text.endsWith(suffix));
    if (possible.length === 0) return false;
    work.spend(text.length);
    const parts = text.split("/").map((part) => [...part]);
    return possible.some(({ segments }) => matchSegments(segments, parts, work));
  };
}

interface Part {
  readonly text: string;
  /** The preceding slash is written `\/`. */
  readonly escaped: boolean;
}

const anyPart = parseWildcard("*") ?? [];

/** The part between the slashes of a pattern. */
function partsOf(pattern: string): readonly Part[] {
  const parts: Part[] = [];
  let from = 0;
  let escaped = false;
  for (const { 0: found, index } of pattern.matchAll(/\\?\/|\\[^]/g)) {
    if (!found.endsWith("/")) continue;
    parts.push({ text: pattern.slice(from, index), escaped });
    escaped = found !== "/";
    from = index + found.length;
  }
  return [...parts, { text: pattern.slice(from), escaped }];
}

/** Whether the text matches the pattern; a malformed pattern matches nothing. */
export function matchGlob(pattern: string, text: string, work: Work = new Work()): boolean {
  return compileGlob(pattern)?.(text, work) ?? false;
}

/** Like `matchAll`, with segments instead of characters: only the last `**` is ever retried. */
function matchSegments(segments: readonly Segment[], parts: readonly (readonly string[])[], work: Work): boolean {
  let [at, position] = [0, 0];
  let stars: { readonly next: number; from: number } | undefined;
  for (;;) {
    const segment = segments[at];
    const part = parts[position];
    if (segment === undefined && part === undefined) return true;
    if (segment === "**") {
      at += 1;
      stars = { next: at, from: position };
    } else if (segment !== undefined && part !== undefined && matchAll(segment, part, work))
      [at, position] = [at + 1, position + 1];
    else if (stars === undefined || part === undefined) return false;
    else {
      stars.from += 1;
      [at, position] = [stars.next, stars.from];
    }
  }
}

/** `a{b,c{d,e}}` as `ab`, `acd`, `ace`. Undefined if the braces do not match or have too many alternatives. */
function expandBraces(pattern: string): readonly string[] | undefined {
  const open = findBrace(pattern);
  if (open === undefined) return [pattern];
  const parts = splitBraces(pattern, open);
  if (parts === undefined) return undefined;
  const rests = expandBraces(pattern.slice(parts.end));
  if (rests === undefined) return undefined;
  const head = pattern.slice(0, open);
  const result: string[] = [];
  let length = 0;
  for (const option of parts.options) {
    const expanded = expandBraces(option);
    if (expanded === undefined) return undefined;
    for (const middle of expanded) {
      for (const rest of rests) {
        const whole = head + middle + rest;
        result.push(whole);
        length += whole.length;
        if (result.length > maxAlternatives || length > maxExpandedLength) return undefined;
      }
    }
  }
  return result;
}

/** Offset of the first opening brace outside `[…]`. */
function findBrace(pattern: string): number | undefined {
  let inClass = false;
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern[at];
    if (character === "\\") at += 1;
    else if (inClass) inClass = character !== "]";
    else if (character === "[") inClass = true;
    else if (character === "{") return at;
  }
  return undefined;
}

function splitBraces(
  pattern: string,
  open: number,
): { readonly options: readonly string[]; readonly end: number } | undefined {
  const options: string[] = [];
  let depth = 0;
  let from = open + 1;
  for (let at = open; at < pattern.length; at += 1) {
    const character = pattern[at];
    if (character === "\\") at += 1;
    else if (character === "{") {
      depth += 1;
      // Deeper than any real use: nested braces only multiply.
      if (depth > 8) return undefined;
    } else if (character === "}") {
      depth -= 1;
      if (depth > 0) continue;
      options.push(pattern.slice(from, at));
      return { options, end: at + 1 };
    } else if (character === "," && depth === 1) {
      options.push(pattern.slice(from, at));
      from = at + 1;
    }
  }
  return undefined;
}
