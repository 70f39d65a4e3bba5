import { matchPrefix, parseWildcard } from "../pattern/index.ts";

/**
 * Applies one string operation of `${name…}` to a value, like drone/envsubst, which Woodpecker uses: lengths and
 * positions count bytes of UTF-8, and `*` in a pattern also matches slashes.
 */
export function operate(operator: string, value: string, args: readonly string[]): string {
  const [first = "", second] = args;
  switch (operator) {
    case ",":
      return changeFirst(value, (character) => character.toLowerCase());
    case ",,":
      return value.toLowerCase();
    case "^":
      return changeFirst(value, (character) => character.toUpperCase());
    case "^^":
      return value.toUpperCase();
    case "length":
      return String(encoder.encode(value).length);
    case ":":
      return substring(value, first, second);
    case "#":
    case "##":
      return trim(value, first, operator === "##", false);
    case "%":
    case "%%":
      return trim(value, first, operator === "%%", true);
    case "/":
      return first === "" ? value : replaceOnce(value, value.indexOf(first), first, second ?? "");
    case "//":
      return first === "" ? value : value.replaceAll(first, () => second ?? "");
    case "/#":
      return second === undefined || !value.startsWith(first) ? value : second + value.slice(first.length);
    case "/%":
      return second === undefined || !value.endsWith(first)
        ? value
        : value.slice(0, value.length - first.length) + second;
    default:
      // `=`, `:=`, `:-`, `:?` and `:+` all return the default for an empty value.
      return value === "" ? args.join("") : value;
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function changeFirst(value: string, change: (character: string) => string): string {
  const [first = ""] = value;
  return change(first) + value.slice(first.length);
}

function replaceOnce(value: string, at: number, old: string, replacement: string): string {
  return at < 0 ? value : value.slice(0, at) + replacement + value.slice(at + old.length);
}

/** A position from the end is negative, and so is a length from the end, as in Bash. Not a number: the whole value. */
function substring(value: string, position: string, length: string | undefined): string {
  const bytes = encoder.encode(value);
  if (!isNumber(position) || (length !== undefined && !isNumber(length))) return value;
  let from = Number(position);
  if (from < 0) from = Math.max(0, bytes.length + from);
  const count = length === undefined ? bytes.length : Number(length);
  const to = count < 0 ? bytes.length + count : from + count;
  return to <= from ? "" : decoder.decode(bytes.subarray(from, to));
}

function isNumber(text: string): boolean {
  return /^[+-]?\d{1,15}$/.test(text);
}

/** Removes what a pattern matches at one end: the shortest match, but at least one character, or the longest. */
function trim(value: string, pattern: string, longest: boolean, fromEnd: boolean): string {
  const tokens = parseWildcard(pattern);
  if (tokens === undefined) return value;
  const characters = [...value];
  const found = fromEnd
    ? matchPrefix(tokens.toReversed(), characters.toReversed(), 1)
    : matchPrefix(tokens, characters, 1);
  if (found === undefined) return value;
  const count = longest ? found.longest : found.shortest;
  return (fromEnd ? characters.slice(0, characters.length - count) : characters.slice(count)).join("");
}
