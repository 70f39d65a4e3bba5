import type { Expr } from "@actions/expressions/ast";
import { ExpressionError } from "@actions/expressions/errors";
import { wellKnownFunctions } from "@actions/expressions/funcs";
import { Lexer, TokenType, type Pos, type Token } from "@actions/expressions/lexer";
import { Parser } from "@actions/expressions/parser";
import { messageOf } from "../model/index.ts";

/** A name that an expression uses, and where: characters from the expression's start. */
export interface Use {
  /** In lower case. */
  readonly name: string;
  readonly offset: number;
  readonly written: string;
}

export interface Parsed {
  readonly root: Expr;
  readonly contexts: readonly Use[];
  /** Functions that are not part of the language itself. */
  readonly functions: readonly Use[];
  /** Any function at all. */
  readonly calls: boolean;
}

/** What is wrong with an expression, and where: characters from its start. */
export interface ExpressionProblem {
  readonly message: string;
  readonly offset: number;
}

/** GitHub's own limit, from its documentation and parser. */
export const maxExpressionLength = 21_000;

/** How many characters of expressions the cache keeps; it begins anew when they are reached. A tree is some hundred times its text. */
const maxCached = 200_000;
const maxCachedLength = 2000;
const cache = new Map<string, Parsed | ExpressionProblem>();
let cached = 0;

/** Parses, accepting any context and function; the caller checks the names. Answers are kept for the next time. */
export function parse(expression: string): Parsed | ExpressionProblem {
  const known = cache.get(expression);
  if (known !== undefined) return known;
  const result = parseAnew(expression);
  if (expression.length > maxCachedLength) return result;
  cached += expression.length;
  if (cached > maxCached) {
    cache.clear();
    cached = expression.length;
  }
  cache.set(expression, result);
  return result;
}

export function isProblem(result: object): result is ExpressionProblem {
  return "offset" in result;
}

function parseAnew(expression: string): Parsed | ExpressionProblem {
  if (expression.trim() === "") return { message: "An expression was expected", offset: 0 };
  if (expression.length > maxExpressionLength) {
    return {
      message: `The expression has ${expression.length} characters; the limit is ${maxExpressionLength}. Move the text to a file or to \`env\``,
      offset: 0,
    };
  }
  // By the position object of each token: the one thing of a token that the parser's errors show.
  const offsets = new Map<Pos, number>();
  try {
    const { tokens } = new Lexer(expression).lex();
    let end = 0;
    for (const token of tokens) {
      const offset = expression.indexOf(token.lexeme, end);
      offsets.set(token.range.start, offset);
      end = offset + token.lexeme.length;
      // The lexer undoes the first doubled quote only; `format` strings made of a whole script have many.
      if (token.type === TokenType.STRING) token.value = token.lexeme.slice(1, -1).replaceAll("''", "'");
    }
    const names = namesIn(tokens, offsets);
    const root = new Parser(
      tokens,
      names.contexts.map((use) => use.name),
      names.functions.map((use) => ({ name: use.name, minArgs: 0, maxArgs: 255 })),
    ).parse();
    return { root, ...names };
  } catch (error) {
    return problemOf(error, offsets, expression);
  }
}

/** The contexts and functions named: an identifier that follows no dot, with or without an opening parenthesis behind it. */
function namesIn(tokens: readonly Token[], offsets: ReadonlyMap<Pos, number>): Omit<Parsed, "root"> {
  const contexts: Use[] = [];
  const functions: Use[] = [];
  let calls = false;
  for (const [index, token] of tokens.entries()) {
    if (token.type !== TokenType.IDENTIFIER || tokens[index - 1]?.type === TokenType.DOT) continue;
    const use = {
      name: token.lexeme.toLowerCase(),
      written: token.lexeme,
      offset: offsets.get(token.range.start) ?? 0,
    };
    if (tokens[index + 1]?.type !== TokenType.LEFT_PAREN) contexts.push(use);
    else {
      calls = true;
      if (!Object.hasOwn(wellKnownFunctions, use.name)) functions.push(use);
    }
  }
  return { contexts, functions, calls };
}

function problemOf(error: unknown, offsets: ReadonlyMap<Pos, number>, expression: string): ExpressionProblem {
  if (error instanceof ExpressionError) return { message: error.message, offset: offsets.get(error.pos) ?? 0 };
  // The lexer's own errors say the place in words, and repeat the whole expression.
  const words = /^(.*?)\. Located at position (\d+) within expression/s.exec(messageOf(error));
  if (words !== null) return { message: shorten(words[1] ?? ""), offset: Number(words[2]) - 1 };
  return { message: shorten(messageOf(error)), offset: Math.max(expression.length - 1, 0) };
}

/** Long texts are of no use in a message. */
export function shorten(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
