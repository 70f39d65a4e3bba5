import type { Diagnostic } from "../../model/index.ts";
import type { Spanned } from "../yaml/index.ts";
import { unknownText } from "../shape/index.ts";
import { operate } from "./operations.ts";
import { TextMap } from "./text-map.ts";

/*
 * Woodpecker replaces `${NAME…}` in the text of a file, before it is YAML. The grammar is that of
 * drone/envsubst (parse/parse.go), oddities included: `$$` stands for `$`, `\\` for `\` and `\/` for `/`, wherever
 * they are; a name is letters, digits and `_`; a default may hold further substitutions, other arguments at most one,
 * as a whole.
 */

/** One `${…}`: where its value stands in the text that came out. */
export interface Reference extends Spanned {
  readonly name: string;
  /** It says itself what to put in where the variable is empty. */
  readonly defaulted: boolean;
}

export interface Substitution {
  readonly text: string;
  readonly map: TextMap;
  /** The outermost substitutions, in order. */
  readonly references: readonly Reference[];
  readonly diagnostics: readonly Diagnostic[];
}

const maxNesting = 20;
/** What one file may grow to; a long commit message may be used many times. */
const maxLength = 4 * 1024 * 1024;
/** Characters of values that all operations of one file may look at, times those of the patterns: about a second. */
const maxWork = 30_000_000;
const maxFindings = 20;

/** Replaces every `${…}` by its value; an unknown name is empty. A value with line breaks is put in double quotes, as Woodpecker does. */
export function substitute(text: string, file: string, values: ReadonlyMap<string, string>): Substitution {
  const lookup = (name: string): string => {
    const value = values.get(name) ?? "";
    return value.includes("\n") ? quote(value) : value;
  };
  return run(text, file, (reader, start) => reader.expression(start, lookup));
}

/**
 * Replaces every `${…}` by as many characters that stand for unknown text: so that a file can be
 * checked before any value is known, with every position as it was.
 */
export function blank(text: string, file: string): Substitution {
  return run(text, file, (reader, start) => ({ ...reader.expression(start, () => ""), value: unknownText.repeat(reader.at - start) }));
}

class SubstitutionProblem extends Error {
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

interface Expanded {
  readonly name: string;
  readonly value: string;
  readonly defaulted: boolean;
}

function run(text: string, file: string, expand: (reader: Reader, start: number) => Expanded): Substitution {
  const map = new TextMap(file, text);
  const references: Reference[] = [];
  const diagnostics: Diagnostic[] = [];
  const output: string[] = [];
  let length = 0;
  const put = (piece: string, source: Spanned, copied: boolean): void => {
    if (piece === "" && copied) return;
    map.add(length, source, copied);
    output.push(piece);
    length += piece.length;
  };
  const reader = new Reader(text);
  let from = 0;
  for (const { index: dollar, 0: found } of text.matchAll(special)) {
    // Inside of a substitution that was read already.
    if (dollar < from) continue;
    put(text.slice(from, dollar), { start: from, end: dollar }, true);
    if (found !== "${") {
      put(found.slice(1), { start: dollar, end: dollar + 2 }, false);
      from = dollar + 2;
      continue;
    }
    try {
      const { name, value, defaulted } = expand(reader, dollar);
      references.push({ name, defaulted, start: length, end: length + value.length });
      put(value, { start: dollar, end: reader.at }, false);
      from = reader.at;
    } catch (error) {
      if (!(error instanceof SubstitutionProblem)) throw error;
      if (diagnostics.length < maxFindings) {
        diagnostics.push(map.originalDiagnostic({ start: dollar, end: Math.min(text.length, Math.max(error.at, dollar + 2)) }, { code: "workflow-substitution", message: error.message }));
      }
      from = dollar + 2;
    }
    if (length > maxLength) {
      diagnostics.push(map.originalDiagnostic({ start: dollar, end: from }, { code: "yaml-too-large", message: `With its variables filled in, the file has more than ${maxLength} characters.` }));
      break;
    }
  }
  put(text.slice(from), { start: from, end: text.length }, true);
  const result = output.join("");
  map.close(result);
  return { text: result, map, references, diagnostics };
}

class Reader {
  readonly #text: string;
  at = 0;
  #nesting = 0;
  #work = 0;
  #lookup: (name: string) => string = () => "";

  constructor(text: string) {
    this.#text = text;
  }

  /** Reads the substitution whose `$` stands at `start`; afterwards `at` is the offset behind its brace. */
  expression(start: number, lookup: (name: string) => string): Expanded {
    this.at = start;
    this.#nesting = 0;
    this.#lookup = lookup;
    return this.#expression();
  }

  #expression(): Expanded {
    this.#nesting += 1;
    if (this.#nesting > maxNesting) throw new SubstitutionProblem(`Substitutions are nested deeper than ${maxNesting} levels.`, this.at);
    this.at += 2;
    const counts = this.#skip("#");
    const name = this.#name();
    const { operator, args } = counts ? { operator: "length", args: [] } : this.#operation(name);
    this.#close(name);
    this.#nesting -= 1;
    return { name, value: this.#operate(name, operator, args), defaulted: operator.endsWith("=") || operator === ":-" || operator === ":?" || operator === ":+" };
  }

  /** Whoever pushes writes the values as well as the file: together they must not keep the server busy. */
  #operate(name: string, operator: string, args: readonly string[]): string {
    if (this.#work <= maxWork) {
      const value = this.#lookup(name);
      this.#work += value.length * (operator.startsWith("#") || operator.startsWith("%") ? (args[0]?.length ?? 0) + 1 : 1);
      if (this.#work <= maxWork) return operate(operator, value, args);
    }
    throw new SubstitutionProblem("The file's substitutions are too much work: their values and patterns are too long.", this.at);
  }

  #name(): string {
    identifier.lastIndex = this.at;
    const name = identifier.exec(this.#text)?.[0];
    if (name === undefined) throw new SubstitutionProblem("`${` is not followed by the name of a variable.", this.at);
    this.at += name.length;
    return name;
  }

  #operation(name: string): { operator: string; args: readonly string[] } {
    const next = this.#text[this.at];
    const after = this.#text[this.at + 1] ?? "";
    if (next === "=" || (next === ":" && "=-?+".includes(after) && after !== "")) return this.#default(next === "=" ? "=" : next + after);
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
    while (this.at < this.#text.length && this.#text[this.at] !== "}") args.push(this.#argument((character) => character !== "}", ""));
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
    if (!this.#skip("/")) throw new SubstitutionProblem(`The replacement in \`\${${name}/…}\` has no second \`/\`.`, this.at);
    while (this.#skip("/"));
    if (this.#text[this.at] !== "}") args.push(this.#argument((character) => character !== "}", name, true));
    return { operator, args };
  }

  /** Literal text up to the first character that does not belong to it, or one nested substitution. */
  #argument(belongs: (character: string) => boolean, name: string, escapes = false): string {
    if (this.#text.startsWith("${", this.at)) return this.#expression().value;
    const from = this.at;
    const read: string[] = [];
    for (let character = this.#text[this.at]; character !== undefined; character = this.#text[this.at]) {
      const next = this.#text[this.at + 1];
      if (character === "$" && next === "{") break;
      const escaped = escapes && ((character === "$" && next === "$") || (character === "\\" && (next === "/" || next === "\\")));
      if (escaped) this.at += 1;
      else if (!belongs(character)) break;
      read.push(this.#text[this.at] ?? "");
      this.at += 1;
    }
    if (this.at === from) throw new SubstitutionProblem(`\`\${${name}…}\` lacks what its operation needs.`, this.at);
    return read.join("");
  }

  #close(name: string): void {
    if (this.#skip("}")) return;
    const found = this.#text[this.at];
    const reason = found === undefined ? "is not closed by `}`" : `cannot have \`${found === "\n" ? "\\n" : found}\` there`;
    throw new SubstitutionProblem(`\`\${${name}\` ${reason}.`, this.at);
  }

  #skip(character: string): boolean {
    if (this.#text[this.at] !== character) return false;
    this.at += 1;
    return true;
  }
}

/** What does not stand for itself. */
const special = /\$[${]|\\[\\/]/g;

const identifier = /[\p{L}\p{Nd}_]+/uy;

/** As Go's `%q`: a double-quoted string that YAML reads back as the same text. */
function quote(value: string): string {
  const escaped = value.replace(/[\\"\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    const short = shortEscapes[character];
    if (short !== undefined) return short;
    const code = (character.codePointAt(0) ?? 0).toString(16);
    return code.length > 4 ? `\\U${code.padStart(8, "0")}` : `\\u${code.padStart(4, "0")}`;
  });
  return `"${escaped}"`;
}

const shortEscapes: Readonly<Record<string, string>> = { "\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\u0007": "\\a", "\b": "\\b", "\f": "\\f", "\v": "\\v" };
