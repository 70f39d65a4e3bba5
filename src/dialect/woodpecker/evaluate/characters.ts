import { ConditionProblem } from "./problem.ts";

/** Tells whether a character, given by its code point, belongs. */
export type Accept = (code: number) => boolean;

/** Escapes for characters that cannot be seen. */
export const controls: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, f: 12, v: 11, a: 7 };

const isDigit: Accept = (code) => code >= 48 && code <= 57;
const isSpace: Accept = (code) => code === 32 || code === 9 || code === 10 || code === 12 || code === 13;
const isLetter: Accept = (code) => (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
export const isWord: Accept = (code) => isDigit(code) || isLetter(code) || code === 95;
const not =
  (accept: Accept): Accept =>
  (code) =>
    !accept(code);

/** `\\d` and its kin, by their letter. */
export const classes: Readonly<Record<string, Accept>> = {
  d: isDigit,
  D: not(isDigit),
  s: isSpace,
  S: not(isSpace),
  w: isWord,
  W: not(isWord),
};

export function posixClass(name: string): Accept {
  const found = posix[name];
  if (found === undefined) throw new ConditionProblem(`a pattern has the unknown class \`[:${name}:]\``);
  return found;
}

const posix: Readonly<Record<string, Accept>> = {
  alpha: isLetter,
  digit: isDigit,
  alnum: (code) => isLetter(code) || isDigit(code),
  upper: (code) => code >= 65 && code <= 90,
  lower: (code) => code >= 97 && code <= 122,
  space: isSpace,
  word: isWord,
  punct: (code) => code > 32 && code < 127 && !isLetter(code) && !isDigit(code),
  xdigit: (code) => isDigit(code) || (code >= 65 && code <= 70) || (code >= 97 && code <= 102),
};

export function only(character: string): Accept {
  const wanted = character.codePointAt(0);
  return (code) => code === wanted;
}

export function between(low: string, high: string): Accept {
  const from = low.codePointAt(0) ?? 0;
  const to = high.codePointAt(0) ?? 0;
  if (to < from) throw new ConditionProblem(`a pattern has the empty range \`${low}-${high}\``);
  return (code) => from <= code && code <= to;
}

export function otherCases(code: number): readonly number[] {
  const character = String.fromCodePoint(code);
  return [character.toLowerCase(), character.toUpperCase()].map((each) => each.codePointAt(0) ?? code);
}
