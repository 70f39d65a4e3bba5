import type { Expr } from "@actions/expressions/ast";
import { ExpressionError } from "@actions/expressions/errors";
import { wellKnownFunctions } from "@actions/expressions/funcs";
import { Lexer, TokenType, type Pos, type Token } from "@actions/expressions/lexer";
import { Parser } from "@actions/expressions/parser";
import { messageOf } from "../model/index.ts";

/** A name used in an expression, and its offset in characters from the expression's start. */
export interface Use {
  /** In lower case. */
  readonly name: string;
  readonly offset: number;
  readonly written: string;
}

export interface Parsed {
  readonly root: Expr;
  readonly contexts: readonly Use[];
  /** Functions that are not part of the language. */
  readonly functions: readonly Use[];
  /** Whether any function is called. */
  readonly calls: boolean;
}

/** What is wrong with an expression, and its offset in characters. */
export interface ExpressionProblem {
  readonly message: string;
  readonly offset: number;
}

/** GitHub's own limit, from its documentation and parser. */
export const maxExpressionLength = 21_000;

/**
 * Characters of expressions that the cache keeps before it starts over. A tree takes about a hundred times its text.
 */
const maxCached = 200_000;
const maxCachedLength = 2000;
const cache = new Map<string, Parsed | ExpressionProblem>();
let cached = 0;

/** Parses an expression with any contexts and functions; the caller checks the names. Results are cached. */
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
  if (expression.trim() === "") return { message: "Expected an expression", offset: 0 };
  if (expression.length > maxExpressionLength) {
    return {
      message: `The expression has ${expression.length} characters; the limit is ${maxExpressionLength}. Move the text to a file or to \`env\``,
      offset: 0,
    };
  }
  // By the position object of each token: the only part of a token that the parser's errors expose.
  const offsets = new Map<Pos, number>();
  try {
    const { tokens } = new Lexer(expression).lex();
    let end = 0;
    for (const token of tokens) {
      const offset = expression.indexOf(token.lexeme, end);
      offsets.set(token.range.start, offset);
      end = offset + token.lexeme.length;
      // The lexer unescapes only the first doubled quote; `format` strings made from a whole script have many.
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

/**
 * The contexts and functions used: an identifier that does not follow a dot, with or without an opening parenthesis
 * after it.
 */
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
  // The lexer's own errors give the position in words and repeat the whole expression.
  const words = /^(.*?)\. Located at position (\d+) within expression/s.exec(messageOf(error));
  if (words !== null) return { message: shorten(words[1] ?? ""), offset: Number(words[2]) - 1 };
  return { message: shorten(messageOf(error)), offset: Math.max(expression.length - 1, 0) };
}

/** Long texts do not help in a message. */
export function shorten(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
