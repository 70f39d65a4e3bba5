import { ConditionProblem } from "./problem.ts";

export type Lexeme =
  | { readonly kind: "text"; readonly value: string }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "name"; readonly value: string }
  | { readonly kind: "sign"; readonly value: string };

const maxLength = 4096;

/** Splits a condition into words and signs. Throws a ConditionProblem at a character that is neither. */
export function scan(source: string): readonly Lexeme[] {
  if (source.length > maxLength) throw new ConditionProblem(`it is longer than ${maxLength} characters`);
  const lexemes: Lexeme[] = [];
  let at = 0;
  while (at < source.length) {
    const rest = source.slice(at);
    const space = /^\s+/.exec(rest);
    if (space !== null) {
      at += space[0].length;
      continue;
    }
    const text = /^(?:"((?:[^"\\]|\\[^])*)"|'((?:[^'\\]|\\[^])*)'|`([^`]*)`)/.exec(rest);
    const number = /^\d[\d_]*(?:\.\d+)?/.exec(rest);
    const name = /^[\p{L}_$][\p{L}\p{Nd}_]*/u.exec(rest);
    const sign = /^(?:==|!=|<=|>=|&&|\|\||\?\?|\?\.|[<>!()[\]{},?:.#+\-*/%])/.exec(rest);
    if (text !== null) lexemes.push({ kind: "text", value: text[3] ?? unescape(text[1] ?? text[2] ?? "") });
    else if (number !== null) lexemes.push({ kind: "number", value: Number(number[0].replaceAll("_", "")) });
    else if (name !== null) lexemes.push({ kind: "name", value: name[0] });
    else if (sign !== null) lexemes.push({ kind: "sign", value: sign[0] });
    else
      throw new ConditionProblem(
        /^["'`]/.test(rest) ? "a string has no closing quote" : `\`${[...rest][0] ?? ""}\` is not supported`,
      );
    at += (text ?? number ?? name ?? sign)?.[0].length ?? 1;
  }
  return lexemes;
}

function unescape(text: string): string {
  return text.replace(
    /\\(?:u([\da-fA-F]{4})|x([\da-fA-F]{2})|([^]))/g,
    (_, long?: string, short?: string, character?: string) => {
      if (character !== undefined) return escapes[character] ?? character;
      return String.fromCodePoint(Number.parseInt(long ?? short ?? "0", 16));
    },
  );
}

const escapes: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  a: "\u0007",
  b: "\b",
  f: "\f",
  v: "\v",
  "0": "\0",
};
