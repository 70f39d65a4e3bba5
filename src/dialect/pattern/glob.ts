import { matchAll, parseWildcard, type Token } from "./wildcard.ts";

/** More than anybody writes; braces multiply. */
const maxAlternatives = 256;
const maxPatternLength = 4096;

type Segment = "**" | readonly Token[];

/** A compiled pattern. */
export type Glob = (text: string) => boolean;

/**
 * Compiles a pattern of the kind that Woodpecker's filters take (bmatcuk/doublestar), and the native dialect's:
 * `*` and `?` stay within one part between slashes, `**` as a whole part stands for any number of parts,
 * `[a-z]`, `[^a-z]` and `{one,two}` are alternatives, `\` takes the next character as it is. `a/**` is `a` too, but
 * `a\/**` is not: its slash must be there; and in front of `\/`, `**` is no more than `*`.
 * Undefined when the pattern is malformed; such a pattern matches nothing.
 */
export function compileGlob(pattern: string): Glob | undefined {
  const alternatives = pattern.length > maxPatternLength ? undefined : expandBraces(pattern);
  if (alternatives === undefined) return undefined;
  const compiled: Segment[][] = [];
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
    compiled.push(segments);
  }
  return (text) => {
    const parts = text.split("/").map((part) => [...part]);
    return compiled.some((segments) => matchSegments(segments, parts));
  };
}

interface Part {
  readonly text: string;
  /** The slash before it is written `\/`. */
  readonly escaped: boolean;
}

const anyPart = parseWildcard("*") ?? [];

/** What stands between the slashes of a pattern. */
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

/** True when the text matches the pattern; a malformed pattern matches nothing. */
export function matchGlob(pattern: string, text: string): boolean {
  return compileGlob(pattern)?.(text) ?? false;
}

/** Follows all alternatives at once: which segments of the pattern can be reached after each part of the text. */
function matchSegments(segments: readonly Segment[], parts: readonly (readonly string[])[]): boolean {
  let reached = new Set([0]);
  const skipStars = (): void => {
    for (let at = 0; at < segments.length; at += 1) if (reached.has(at) && segments[at] === "**") reached.add(at + 1);
  };
  skipStars();
  for (const part of parts) {
    const next = new Set<number>();
    for (const at of reached) {
      const segment = segments[at];
      if (segment === "**") next.add(at);
      else if (segment !== undefined && matchAll(segment, part)) next.add(at + 1);
    }
    reached = next;
    skipStars();
    if (reached.size === 0) return false;
  }
  return reached.has(segments.length);
}

/** `a{b,c{d,e}}` as `ab`, `acd`, `ace`. Undefined when the braces do not match, or stand for too many. */
function expandBraces(pattern: string): readonly string[] | undefined {
  const open = findBrace(pattern);
  if (open === undefined) return [pattern];
  const parts = splitBraces(pattern, open);
  if (parts === undefined) return undefined;
  const rests = expandBraces(pattern.slice(parts.end));
  if (rests === undefined) return undefined;
  const head = pattern.slice(0, open);
  const result: string[] = [];
  for (const option of parts.options) {
    const expanded = expandBraces(option);
    if (expanded === undefined) return undefined;
    for (const middle of expanded) for (const rest of rests) result.push(head + middle + rest);
    if (result.length > maxAlternatives) return undefined;
  }
  return result;
}

/** Where the first brace opens, outside of `[…]`. */
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

function splitBraces(pattern: string, open: number): { readonly options: readonly string[]; readonly end: number } | undefined {
  const options: string[] = [];
  let depth = 0;
  let from = open + 1;
  for (let at = open; at < pattern.length; at += 1) {
    const character = pattern[at];
    if (character === "\\") at += 1;
    else if (character === "{") {
      depth += 1;
      // Deeper than any use: braces inside braces only multiply.
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
