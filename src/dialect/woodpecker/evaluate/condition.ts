import { functions, predicates } from "./functions.ts";
import { Work } from "../../pattern/index.ts";
import { combine, lookedAt, type Term } from "./operators.ts";
import { ConditionProblem } from "./problem.ts";
import { scan, type Lexeme } from "./scan.ts";
import { listOf, memberOf, nameOf, numberOf, truth, type Value } from "./values.ts";

/** A parsed condition. Throws a ConditionProblem if the values do not fit its operators. */
export type Condition = (variables: ReadonlyMap<string, string>, work?: Work) => boolean;

const maxDepth = 50;
const maxElements = 100_000;

/** Parses a condition. Throws a ConditionProblem if it is invalid or uses an unsupported part of the language. */
export function readCondition(source: string): Condition {
  const term = new ConditionReader(scan(source)).read();
  return (variables, work = new Work()) => {
    work.spend(source.length);
    const value = term({ variables, elements: [], budget: maxElements, work });
    if (typeof value !== "boolean") throw new ConditionProblem(`it evaluates to ${nameOf(value)}, not true or false`);
    return value;
  };
}

/** Weaker operators first. */
const levels: Readonly<Record<string, number>> = {
  "||": 1,
  or: 1,
  "&&": 2,
  and: 2,
  "==": 3,
  "!=": 3,
  "<": 3,
  ">": 3,
  "<=": 3,
  ">=": 3,
  in: 3,
  contains: 3,
  startsWith: 3,
  endsWith: 3,
  matches: 3,
  "+": 4,
  "-": 4,
  "*": 6,
  "/": 6,
  "%": 6,
  "??": 8,
};
const negatable = new Set(["in", "contains", "startsWith", "endsWith", "matches"]);
/** `not` binds tighter than a comparison: `not a == b` is `(not a) == b`. */
const unaryLevels: Readonly<Record<string, number>> = { not: 5, "!": 5, "-": 7, "+": 7 };

class ConditionReader {
  readonly #lexemes: readonly Lexeme[];
  #at = 0;
  #depth = 0;
  /** Number of enclosing functions with `#`. */
  #around = 0;

  constructor(lexemes: readonly Lexeme[]) {
    this.#lexemes = lexemes;
  }

  read(): Term {
    const term = this.#whole();
    const rest = this.#lexemes[this.#at];
    if (rest !== undefined) throw new ConditionProblem(`unexpected \`${rest.value}\``);
    return term;
  }

  #whole(): Term {
    return this.#deeper(() => {
      const condition = this.#binary(1);
      if (!this.#take("?")) return condition;
      const yes = this.#whole();
      this.#expect(":");
      const no = this.#whole();
      return (scope) => (truth(condition(scope), "?") ? yes(scope) : no(scope));
    });
  }

  #deeper(read: () => Term): Term {
    this.#depth += 1;
    if (this.#depth > maxDepth) throw new ConditionProblem("it is nested too deeply");
    const term = read();
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
      left = negated ? (scope) => combined(scope) === false : combined;
    }
  }

  #unary(): Term {
    const word = this.#word() ?? "";
    const level = Object.hasOwn(unaryLevels, word) ? unaryLevels[word] : undefined;
    if (level === undefined) return this.#members(this.#primary());
    this.#at += 1;
    const term = this.#deeper(() => this.#binary(level));
    if (word === "-") return (scope) => -numberOf(term(scope), word);
    if (word === "+") return (scope) => numberOf(term(scope), word);
    return (scope) => !truth(term(scope), "not");
  }

  /** `.name`, `?.name` and `[key]` after a value. */
  #members(of: Term): Term {
    let term = of;
    for (;;) {
      const inner = term;
      const optional = this.#word() === "?.";
      if (optional || this.#word() === ".") {
        this.#at += 1;
        const name = this.#lexemes[this.#at];
        if (name?.kind !== "name") throw new ConditionProblem("a name is missing after the dot");
        this.#at += 1;
        term = (scope) => {
          const value = inner(scope);
          return optional && value === null ? null : memberOf(value, name.value);
        };
      } else if (this.#take("[")) {
        const key = this.#whole();
        this.#expect("]");
        term = (scope) => memberOf(inner(scope), key(scope));
      } else return term;
    }
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
      return (scope) => items.map((item) => item(scope));
    }
    if (lexeme.value === "#" && this.#around > 0) return ({ elements }) => elements.at(-1) ?? null;
    throw new ConditionProblem(`unexpected \`${lexeme.value}\``);
  }

  #named(name: string): Term {
    if (Object.hasOwn(constants, name)) return () => constants[name] ?? null;
    if (name === "$env") return ({ variables }) => variables;
    if (!this.#take("(")) return ({ variables }) => variables.get(name) ?? null;
    if (predicates.has(name)) return this.#predicate(name);
    const known = functions.get(name);
    if (known === undefined) throw new ConditionProblem(`unknown function \`${name}\``);
    const terms = this.#list(")");
    const [least, most] = known.takes;
    if (terms.length < least || terms.length > most)
      throw new ConditionProblem(
        `\`${name}\` takes ${least === most ? least : `${least} or ${most}`} value${most === 1 ? "" : "s"}`,
      );
    return (scope) =>
      known.call(
        name,
        terms.map((term) => lookedAt(term(scope), scope)),
      );
  }

  /** `any(list, # == "x")`; the second value can be in braces. */
  #predicate(name: string): Term {
    const ask = predicates.get(name);
    const list = this.#whole();
    this.#expect(",");
    this.#around += 1;
    const braces = this.#take("{");
    const holds = this.#whole();
    if (braces) this.#expect("}");
    this.#around -= 1;
    this.#expect(")");
    if (ask === undefined) throw new ConditionProblem(`unknown function \`${name}\``);
    return (scope) =>
      ask(
        listOf(list(scope), name),
        (element) => {
          scope.budget -= 1;
          if (scope.budget < 0) throw new ConditionProblem(`it reads more than ${maxElements} elements`);
          scope.elements.push(element);
          const answer = holds(scope);
          scope.elements.pop();
          return answer;
        },
        (value) => truth(value, name),
      );
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
    if (!this.#take(sign)) throw new ConditionProblem(`missing \`${sign}\``);
  }
}

const constants: Readonly<Record<string, Value>> = { true: true, false: false, nil: null };
