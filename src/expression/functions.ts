import type { ExpressionData } from "@actions/expressions/data/index";
import type { FunctionDefinition } from "@actions/expressions/funcs/info";
import { isJsonObject, type Json } from "../model/index.ts";
import { textOf, unwrap, type Wrapper } from "./data.ts";

/** A function added by the caller: a status function, `hashFiles`. */
export type ExpressionFunction = (...args: readonly Json[]) => Json;
/** By name; names ignore case. */
export type ExpressionFunctions = Readonly<Record<string, ExpressionFunction>>;

/**
 * The functions of one evaluation: the language's text functions with limits (nested `format` calls double their text
 * at every level), and the caller's functions.
 */
export function functionsFor(
  wrapper: Wrapper,
  extra: ExpressionFunctions,
  spend: (characters: number) => void,
): Map<string, FunctionDefinition> {
  const functions = new Map<string, FunctionDefinition>();
  const define = (name: string, call: ExpressionFunction): void => {
    functions.set(name.toLowerCase(), {
      name,
      minArgs: 0,
      maxArgs: 255,
      call: (...args: ExpressionData[]) => wrapper.wrap(call(...args.map(unwrap))),
    });
  };
  define("format", (pattern = null, ...args) => format(textOf(pattern), args, spend));
  define("join", (list = null, separator = ",") => join(list, separator, spend));
  define("toJson", (value = null) => {
    const text = JSON.stringify(value, null, 2);
    spend(text.length);
    return text;
  });
  define("fromJson", (value = null) => {
    const text = textOf(value);
    spend(text.length);
    return fromJson(text);
  });
  for (const [name, call] of Object.entries(extra)) define(name, call);
  return functions;
}

function format(pattern: string, args: readonly Json[], spend: (characters: number) => void): string {
  const parts: string[] = [];
  let end = 0;
  for (const match of pattern.matchAll(formatPart)) {
    parts.push(pattern.slice(end, match.index));
    end = match.index + match[0].length;
    if (match[0] === "{{" || match[0] === "}}") parts.push(match[0].charAt(0));
    else if (match[1] === undefined)
      throw new Error("the format() string has a single brace; double it for a literal brace");
    else {
      const value = args[Number(match[1])];
      if (value === undefined) throw new Error(`the format() string uses {${match[1]}}, but there is no such argument`);
      const text = textOf(value);
      spend(text.length);
      parts.push(text);
    }
  }
  parts.push(pattern.slice(end));
  spend(pattern.length);
  return parts.join("");
}

const formatPart = /\{\{|\}\}|\{(\d{1,4})\}|[{}]/g;

function join(list: Json, separator: Json, spend: (characters: number) => void): string {
  if (typeof list !== "object" || list === null) return textOf(list);
  if (isJsonObject(list)) return "";
  const between = typeof separator === "object" && separator !== null ? "," : textOf(separator);
  const texts = list.map(textOf);
  spend(texts.reduce((sum, text) => sum + text.length + between.length, 0));
  return texts.join(between);
}

function fromJson(text: string): Json {
  if (text.trim() === "") throw new Error("fromJSON() got empty text");
  if (isDeep(text)) throw new Error(`fromJSON() got JSON with more than ${maxJsonDepth} levels of nesting`);
  try {
    const value: Json = JSON.parse(text);
    return value;
  } catch {
    // The parser's message quotes the text, which may be a secret.
    throw new Error("fromJSON() got text that is not JSON");
  }
}

/** Later code walks the value recursively. */
const maxJsonDepth = 200;

function isDeep(text: string): boolean {
  if (text.length < maxJsonDepth * 2) return false;
  let depth = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[{]|[\]}]/gs)) {
    if (token === "[" || token === "{") depth += 1;
    else if (token === "]" || token === "}") depth -= 1;
    if (depth > maxJsonDepth) return true;
  }
  return false;
}
