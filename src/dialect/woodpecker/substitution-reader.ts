import { operate } from "./operations.ts";

/*
 * Woodpecker substitutes `${NAME…}` in the text of a file before parsing it as YAML. The grammar is that of
 * drone/envsubst (parse/parse.go), including its oddities: `$$` is `$`, `\\` is `\` and `\/` is `/`, anywhere; a name
 * is letters, digits and `_`; a default can contain further substitutions, other arguments at most one, as a whole.
 */

const maxNesting = 20;
/** Characters of values that all operations of one file can read, times those of the patterns: about a second. */
const maxWork = 30_000_000;

/** Invalid syntax of a substitution, and its offset. */
export class SubstitutionProblem extends Error {
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/** A parsed substitution, with its value. */
export interface Expanded {
  readonly name: string;
  readonly value: string;
  readonly defaulted: boolean;
}

/** Parses and evaluates the substitutions of one text; the caller finds their `$`. All of them share one budget. */
export class SubstitutionReader {
  readonly #text: string;
  at = 0;
  #nesting = 0;
  #work = 0;
  #lookup: (name: string) => string = () => "";

  constructor(text: string) {
    this.#text = text;
  }

  /** Parses the substitution whose `$` is at `start`; afterwards `at` is the offset after its brace. */
  expression(start: number, lookup: (name: string) => string): Expanded {
    this.at = start;
    this.#nesting = 0;
    this.#lookup = lookup;
    return this.#expression();
  }

  #expression(): Expanded {
    this.#nesting += 1;
    if (this.#nesting > maxNesting)
      throw new SubstitutionProblem(`Substitutions are nested deeper than ${maxNesting} levels.`, this.at);
    this.at += 2;
    const counts = this.#skip("#");
    const name = this.#name();
    const { operator, args } = counts ? { operator: "length", args: [] } : this.#operation(name);
    this.#close(name);
    this.#nesting -= 1;
    return {
      name,
      value: this.#operate(name, operator, args),
      defaulted: operator.endsWith("=") || operator === ":-" || operator === ":?" || operator === ":+",
    };
  }

  /** Whoever pushes writes both the values and the file: together they must not keep the server busy. */
  #operate(name: string, operator: string, args: readonly string[]): string {
    if (this.#work <= maxWork) {
      const value = this.#lookup(name);
      this.#work +=
        value.length * (operator.startsWith("#") || operator.startsWith("%") ? (args[0]?.length ?? 0) + 1 : 1);
      if (this.#work <= maxWork) return operate(operator, value, args);
    }
    throw new SubstitutionProblem(
      "The file's substitutions need too much work: their values and patterns are too long.",
      this.at,
    );
  }

  #name(): string {
    identifier.lastIndex = this.at;
    const name = identifier.exec(this.#text)?.[0];
    if (name === undefined) throw new SubstitutionProblem("`${` must be followed by the name of a variable.", this.at);
    this.at += name.length;
    return name;
  }

  #operation(name: string): { operator: string; args: readonly string[] } {
    const next = this.#text[this.at];
    const after = this.#text[this.at + 1] ?? "";
    if (next === "=" || (next === ":" && "=-?+".includes(after) && after !== ""))
      return this.#default(next === "=" ? "=" : next + after);
    if (next === ":") return this.#substring(name);
    if (next === "/") return this.#replacement(name);
    if (next === "," || next === "^") {
      const operator = "^,".includes(after) && after !== "" ? next + after : next;
      this.at += operator.length;
      return { operator, args: [] };
    }
    if (next === "#" || next === "%") {
      const operator = after === next ? next + next : next;
      this.at += operator.length;
      return { operator, args: [this.#argument((character) => character !== "}", name)] };
    }
    return { operator: "", args: [] };
  }

  #default(operator: string): { operator: string; args: readonly string[] } {
    this.at += operator.length;
    const args: string[] = [];
    while (this.at < this.#text.length && this.#text[this.at] !== "}")
      args.push(this.#argument((character) => character !== "}", ""));
    return { operator, args };
  }

  #substring(name: string): { operator: string; args: readonly string[] } {
    this.at += 1;
    const args = [this.#argument((character) => character !== ":" && character !== "}", name)];
    if (this.#skip(":")) {
      while (this.#skip(":"));
      args.push(this.#argument((character) => character !== "}", name));
    }
    return { operator: ":", args };
  }

  #replacement(name: string): { operator: string; args: readonly string[] } {
    this.at += 1;
    const kind = this.#text[this.at] ?? "";
    const operator = kind !== "" && "/#%".includes(kind) ? `/${kind}` : "/";
    this.at += operator.length - 1;
    const args = [this.#argument((character) => character !== "/" && character !== "\n", name, true)];
    if (!this.#skip("/"))
      throw new SubstitutionProblem(`The replacement in \`\${${name}/…}\` has no second \`/\`.`, this.at);
    while (this.#skip("/"));
    if (this.#text[this.at] !== "}") args.push(this.#argument((character) => character !== "}", name, true));
    return { operator, args };
  }

  /** Literal text up to the first special character, or one nested substitution. */
  #argument(belongs: (character: string) => boolean, name: string, escapes = false): string {
    if (this.#text.startsWith("${", this.at)) return this.#expression().value;
    const from = this.at;
    const read: string[] = [];
    for (let character = this.#text[this.at]; character !== undefined; character = this.#text[this.at]) {
      const next = this.#text[this.at + 1];
      if (character === "$" && next === "{") break;
      const escaped =
        escapes && ((character === "$" && next === "$") || (character === "\\" && (next === "/" || next === "\\")));
      if (escaped) this.at += 1;
      else if (!belongs(character)) break;
      read.push(this.#text[this.at] ?? "");
      this.at += 1;
    }
    if (this.at === from)
      throw new SubstitutionProblem(`\`\${${name}…}\` lacks an argument of its operation.`, this.at);
    return read.join("");
  }

  #close(name: string): void {
    if (this.#skip("}")) return;
    const found = this.#text[this.at];
    const reason =
      found === undefined ? "has no closing `}`" : `cannot have \`${found === "\n" ? "\\n" : found}\` there`;
    throw new SubstitutionProblem(`\`\${${name}\` ${reason}.`, this.at);
  }

  #skip(character: string): boolean {
    if (this.#text[this.at] !== character) return false;
    this.at += 1;
    return true;
  }
}

const identifier = /[\p{L}\p{Nd}_]+/uy;
