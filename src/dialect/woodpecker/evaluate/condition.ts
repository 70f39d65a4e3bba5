import { compilePattern } from "./pattern.ts";
import { ConditionProblem } from "./problem.ts";
import { scan, type Lexeme } from "./scan.ts";

/** A condition that was read. Throws a ConditionProblem where the values do not fit its operators. */
export type Condition = (variables: ReadonlyMap<string, string>) => boolean;

type Value = string | number | boolean | null | readonly Value[];
type Term = (variables: ReadonlyMap<string, string>) => Value;

const maxDepth = 50;

/** Reads a condition. Throws a ConditionProblem where it is wrong or asks for more than the part we know. */
export function readCondition(source: string): Condition {
  const term = new ConditionReader(scan(source)).read();
  return (variables) => {
    const value = term(variables);
    if (typeof value !== "boolean") throw new ConditionProblem(`it gives ${nameOf(value)}, not true or false`);
    return value;
  };
}

/** Weaker operators first. */
const levels: Readonly<Record<string, number>> = { "||": 1, or: 1, "&&": 2, and: 2, "==": 3, "!=": 3, "<": 3, ">": 3, "<=": 3, ">=": 3, in: 3, contains: 3, startsWith: 3, endsWith: 3, matches: 3, "??": 5 };
const negatable = new Set(["in", "contains", "startsWith", "endsWith", "matches"]);
/** `not` binds tighter than a comparison: `not a == b` is `(not a) == b`. */
const unaryLevel = 4;

class ConditionReader {
  readonly #lexemes: readonly Lexeme[];
  #at = 0;
  #depth = 0;

  constructor(lexemes: readonly Lexeme[]) {
    this.#lexemes = lexemes;
  }

  read(): Term {
    const term = this.#whole();
    const rest = this.#lexemes[this.#at];
    if (rest !== undefined) throw new ConditionProblem(`\`${rest.value}\` cannot stand there`);
    return term;
  }

  #whole(): Term {
    this.#depth += 1;
    if (this.#depth > maxDepth) throw new ConditionProblem("it is nested too deeply");
    const condition = this.#binary(1);
    let term = condition;
    if (this.#take("?")) {
      const yes = this.#whole();
      this.#expect(":");
      const no = this.#whole();
      term = (variables) => (truth(condition(variables), "?") ? yes(variables) : no(variables));
    }
    this.#depth -= 1;
    return term;
  }

  #binary(level: number): Term {
    let left = this.#unary();
    for (;;) {
      const negated = this.#word() === "not" && negatable.has(this.#word(1) ?? "");
      const operator = this.#word(negated ? 1 : 0) ?? "";
      const found = Object.hasOwn(levels, operator) ? levels[operator] : undefined;
      if (found === undefined || found < level) return left;
      this.#at += negated ? 2 : 1;
      const combined = combine(operator, left, this.#binary(found + 1));
      left = negated ? (variables) => combined(variables) === false : combined;
    }
  }

  #unary(): Term {
    const word = this.#word();
    if (word !== "not" && word !== "!") return this.#primary();
    this.#depth += 1;
    if (this.#depth > maxDepth) throw new ConditionProblem("it is nested too deeply");
    this.#at += 1;
    const term = this.#binary(unaryLevel);
    this.#depth -= 1;
    return (variables) => !truth(term(variables), "not");
  }

  #primary(): Term {
    const lexeme = this.#lexemes[this.#at];
    this.#at += 1;
    if (lexeme === undefined) throw new ConditionProblem("it ends too early");
    if (lexeme.kind === "text" || lexeme.kind === "number") {
      const { value } = lexeme;
      return () => value;
    }
    if (lexeme.kind === "name") return this.#named(lexeme.value);
    if (lexeme.value === "(") {
      const term = this.#whole();
      this.#expect(")");
      return term;
    }
    if (lexeme.value === "[") {
      const items = this.#list("]");
      return (variables) => items.map((item) => item(variables));
    }
    throw new ConditionProblem(`\`${lexeme.value}\` cannot stand there`);
  }

  #named(name: string): Term {
    if (Object.hasOwn(constants, name)) return () => constants[name] ?? null;
    if (!this.#take("(")) return (variables) => variables.get(name) ?? null;
    const call = Object.hasOwn(functions, name) ? functions[name] : undefined;
    if (call === undefined) throw new ConditionProblem(`the function \`${name}\` is not supported`);
    const [argument, ...more] = this.#list(")");
    if (argument === undefined || more.length > 0) throw new ConditionProblem(`\`${name}\` takes one value`);
    return (variables) => call(textOf(argument(variables), name));
  }

  #list(close: string): readonly Term[] {
    const items: Term[] = [];
    while (!this.#take(close)) {
      items.push(this.#whole());
      if (!this.#take(",")) {
        this.#expect(close);
        break;
      }
    }
    return items;
  }

  /** A word or sign, but never the content of a string. */
  #word(ahead = 0): string | undefined {
    const lexeme = this.#lexemes[this.#at + ahead];
    return lexeme?.kind === "name" || lexeme?.kind === "sign" ? lexeme.value : undefined;
  }

  #take(sign: string): boolean {
    if (this.#word() !== sign) return false;
    this.#at += 1;
    return true;
  }

  #expect(sign: string): void {
    if (!this.#take(sign)) throw new ConditionProblem(`a \`${sign}\` is missing`);
  }
}

const constants: Readonly<Record<string, Value>> = { true: true, false: false, nil: null };

const functions: Readonly<Record<string, (text: string) => Value>> = {
  len: (text) => text.length,
  lower: (text) => text.toLowerCase(),
  upper: (text) => text.toUpperCase(),
  trim: (text) => text.trim(),
};

function combine(operator: string, left: Term, right: Term): Term {
  switch (operator) {
    case "||":
    case "or":
      return (variables) => truth(left(variables), operator) || truth(right(variables), operator);
    case "&&":
    case "and":
      return (variables) => truth(left(variables), operator) && truth(right(variables), operator);
    case "??":
      return (variables) => left(variables) ?? right(variables);
    case "==":
      return (variables) => same(left(variables), right(variables));
    case "!=":
      return (variables) => !same(left(variables), right(variables));
    case "in":
      return (variables) => isIn(left(variables), right(variables));
    case "contains":
      return (variables) => textOf(left(variables), operator).includes(textOf(right(variables), operator));
    case "startsWith":
      return (variables) => textOf(left(variables), operator).startsWith(textOf(right(variables), operator));
    case "endsWith":
      return (variables) => textOf(left(variables), operator).endsWith(textOf(right(variables), operator));
    case "matches":
      return (variables) => compilePattern(textOf(right(variables), operator))(textOf(left(variables), operator));
    default:
      return (variables) => compare(operator, left(variables), right(variables));
  }
}

function compare(operator: string, left: Value, right: Value): boolean {
  const fit = (typeof left === "string" && typeof right === "string") || (typeof left === "number" && typeof right === "number");
  if (!fit) throw new ConditionProblem(`\`${operator}\` cannot compare ${nameOf(left)} with ${nameOf(right)}`);
  switch (operator) {
    case "<":
      return left < right;
    case ">":
      return left > right;
    case "<=":
      return left <= right;
    default:
      return left >= right;
  }
}

function same(left: Value, right: Value): boolean {
  if (Array.isArray(left) && Array.isArray(right)) return left.length === right.length && left.every((each, index) => same(each, right[index] ?? null));
  return left === right;
}

function isIn(value: Value, list: Value): boolean {
  if (!Array.isArray(list)) throw new ConditionProblem(`\`in\` wants a list on its right, not ${nameOf(list)}`);
  return list.some((each) => same(value, each));
}

function truth(value: Value, operator: string): boolean {
  if (typeof value !== "boolean") throw new ConditionProblem(`\`${operator}\` wants true or false, not ${nameOf(value)}`);
  return value;
}

/** A variable that is not set counts as empty text here. */
function textOf(value: Value, operator: string): string {
  if (value === null) return "";
  if (typeof value !== "string") throw new ConditionProblem(`\`${operator}\` wants a string, not ${nameOf(value)}`);
  return value;
}

function nameOf(value: Value): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  return { string: "a string", number: "a number", boolean: "true or false" }[typeof value as "string" | "number" | "boolean"];
}
