import {
  isExpression,
  isJsonObject,
  messageOf,
  SluiceError,
  type Count,
  type Expression,
  type Flag,
  type Json,
  type Template,
  type Text,
} from "../model/index.ts";
import { ContextsData, textOf, truthy, unwrap, Wrapper } from "./data.ts";
import { Effort, PayingEvaluator } from "./effort.ts";
import { functionsFor, type ExpressionFunctions } from "./functions.ts";
import { isProblem, parse, shorten, type Parsed } from "./parse.ts";
import { parseText } from "./text.ts";

/** Named values: `github`, `env`, `needs` … */
export type Contexts = Readonly<Record<string, Json>>;

const none: ExpressionFunctions = {};

/** Characters that the functions of one evaluation can produce; GitHub allows 10 MB. */
const maxMade = 10_000_000;
/** Characters that all values in one evaluation can have together. */
const maxLooked = 30_000_000;

/**
 * Evaluates an expression (without `${{ }}` around it) in GitHub's language. `shared` is a budget shared with other
 * evaluations.
 * @throws SluiceError `workflow-expression` if it cannot be parsed or evaluated, or exceeds its limits.
 */
export function evaluate(
  expression: string,
  contexts: Contexts,
  functions: ExpressionFunctions = none,
  shared?: Effort,
): Json {
  const parsed = parse(expression);
  if (isProblem(parsed)) throw failure(expression, `${parsed.message}, at character ${parsed.offset + 1}`);
  const wrapper = new Wrapper();
  const root = new ContextsData(contexts, wrapper);
  checkNames(expression, parsed, root, functions);
  try {
    const made = new Effort(maxMade, "makes");
    const looked = new Effort(maxLooked, "reads");
    const make = (amount: number): void => made.spend(amount);
    const pay = (amount: number): void => {
      looked.spend(amount);
      shared?.spend(amount);
    };
    return unwrap(
      new PayingEvaluator({
        root: parsed.root,
        contexts: root,
        functions: parsed.calls ? functionsFor(wrapper, functions, make) : undefined,
        pay,
      }).evaluate(),
    );
  } catch (error) {
    if (error instanceof SluiceError) throw error;
    const reason = error instanceof RangeError ? "it is too large or nested too deeply" : messageOf(error);
    throw failure(expression, reason, error);
  }
}

/** Literal text unchanged; an expression's value in GitHub's text form. */
export function evaluateText(
  text: Text,
  contexts: Contexts,
  functions: ExpressionFunctions = none,
  shared?: Effort,
): string {
  return typeof text === "string" ? text : textOf(evaluate(text.$expr, contexts, functions, shared));
}

/** A boolean, or text or null that plainly means one. @throws SluiceError for anything else. */
export function evaluateFlag(
  flag: Flag,
  contexts: Contexts,
  functions: ExpressionFunctions = none,
  shared?: Effort,
): boolean {
  if (typeof flag === "boolean") return flag;
  const value = evaluate(flag.$expr, contexts, functions, shared);
  if (typeof value === "boolean") return value;
  const word = typeof value === "string" ? value.trim().toLowerCase() : value;
  if (word === "true") return true;
  if (word === "false" || word === "" || word === null) return false;
  throw failure(flag.$expr, "expected true or false");
}

/** A number, or text that is one. @throws SluiceError for anything else. */
export function evaluateCount(
  count: Count,
  contexts: Contexts,
  functions: ExpressionFunctions = none,
  shared?: Effort,
): number {
  if (typeof count === "number") return count;
  const value = evaluate(count.$expr, contexts, functions, shared);
  const number =
    typeof value === "number" ? value : typeof value === "string" && value.trim() !== "" ? Number(value) : Number.NaN;
  if (!Number.isFinite(number)) throw failure(count.$expr, "expected a number");
  return number;
}

/**
 * JSON with every expression in it replaced by its value. A list item whose expression yields a list is replaced by
 * that list's items; a key can be an expression too.
 */
export function evaluateTemplate(
  template: Template,
  contexts: Contexts,
  functions: ExpressionFunctions = none,
  shared?: Effort,
): Json {
  if (isExpression(template)) return evaluate(template.$expr, contexts, functions, shared);
  if (typeof template !== "object" || template === null) return template;
  if (isList(template)) {
    return template.flatMap((item): readonly Json[] => {
      const value = evaluateTemplate(item, contexts, functions, shared);
      return isExpression(item) && isValues(value) ? value : [value];
    });
  }
  return Object.fromEntries(
    Object.entries(template).flatMap(([key, value]) =>
      entriesOf(key, evaluateTemplate(value, contexts, functions, shared), contexts, functions, shared),
    ),
  );
}

/**
 * One entry; `${{ insert }}` as a key stands for the entries of its object, any other expression for the key it
 * evaluates to.
 */
function entriesOf(
  key: string,
  value: Json,
  contexts: Contexts,
  functions: ExpressionFunctions,
  shared: Effort | undefined,
): readonly (readonly [string, Json])[] {
  if (!key.includes("${{")) return [[key, value]];
  const text = parseText(key);
  if (typeof text !== "string" && isProblem(text)) throw failure(key, text.message);
  if (typeof text === "string" || text.$expr.toLowerCase() !== "insert")
    return [[evaluateText(text, contexts, functions, shared), value]];
  if (!isJsonObject(value)) throw failure(key, "expected an object beside it");
  return Object.entries(value);
}

/** Evaluates an `if`; a missing one is `success()`. */
export function evaluateCondition(
  condition: Expression | undefined,
  contexts: Contexts,
  functions: ExpressionFunctions,
): boolean {
  return truthy(evaluate(condition?.$expr ?? "success()", contexts, functions));
}

function checkNames(expression: string, parsed: Parsed, root: ContextsData, functions: ExpressionFunctions): void {
  for (const use of parsed.contexts) {
    if (!root.knows(use.name))
      throw failure(expression, `Unrecognized named-value: '${use.written}', at character ${use.offset + 1}`);
  }
  if (parsed.functions.length === 0) return;
  const names = new Set(Object.keys(functions).map((name) => name.toLowerCase()));
  for (const use of parsed.functions) {
    if (!names.has(use.name))
      throw failure(expression, `Unrecognized function: '${use.written}', at character ${use.offset + 1}`);
  }
}

function failure(expression: string, reason: string, cause?: unknown): SluiceError {
  return new SluiceError(
    "workflow-expression",
    `Cannot evaluate the expression \`${shorten(expression)}\`: ${reason}.`,
    { cause },
  );
}

function isValues(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function isList(template: Template): template is readonly Template[] {
  return Array.isArray(template);
}
