import { Work } from "../../pattern/index.ts";
import { between, classes, controls, only, otherCases, posixClass, type Accept } from "./characters.ts";
import { assemble, search, type Assertion, type Node } from "./machine.ts";
import { ConditionProblem } from "./problem.ts";

/*
 * Regular expressions for `matches`, in the syntax of Go's regexp package without its rarer parts.
 * They meet text that anybody can write (commit messages, branch names), so they are run as Go runs them:
 * every alternative at once, in time linear in the text. JavaScript's own engine can take for ever.
 */

const maxRepeat = 1000;
const maxDepth = 50;

/** Compiles a pattern; the result tells whether it occurs anywhere in a text. Throws a ConditionProblem where it cannot be read. */
export function compilePattern(pattern: string): (text: string, work?: Work) => boolean {
  const program = assemble(new PatternReader(pattern).read());
  return (text, work = new Work()) => {
    work.spend(program.length + text.length);
    return search(
      program,
      Array.from(text, (character) => character.codePointAt(0) ?? 0),
      work,
    );
  };
}

interface Flags {
  readonly ignoreCase: boolean;
  readonly multiline: boolean;
  readonly dotAll: boolean;
}

class PatternReader {
  readonly #source: readonly string[];
  #at = 0;
  #depth = 0;
  #flags: Flags = { ignoreCase: false, multiline: false, dotAll: false };

  constructor(source: string) {
    this.#source = [...source];
  }

  read(): Node {
    const node = this.#choice();
    if (this.#at < this.#source.length) throw new ConditionProblem("a pattern closes a group that it has not opened");
    return node;
  }

  #choice(): Node {
    this.#depth += 1;
    if (this.#depth > maxDepth) throw new ConditionProblem("a pattern is nested too deeply");
    const nodes = [this.#sequence()];
    while (this.#take("|")) nodes.push(this.#sequence());
    this.#depth -= 1;
    return nodes.length === 1 && nodes[0] !== undefined ? nodes[0] : { kind: "choice", nodes };
  }

  #sequence(): Node {
    const nodes: Node[] = [];
    for (let next = this.#peek(); next !== undefined && next !== "|" && next !== ")"; next = this.#peek()) {
      const atom = this.#atom();
      if (atom !== undefined) nodes.push(this.#repeated(atom));
    }
    return { kind: "sequence", nodes };
  }

  #repeated(node: Node): Node {
    let least: number;
    let most: number;
    if (this.#take("*")) [least, most] = [0, Infinity];
    else if (this.#take("+")) [least, most] = [1, Infinity];
    else if (this.#take("?")) [least, most] = [0, 1];
    else {
      const counted = /^\{(\d{1,4})(,(\d{1,4})?)?\}/.exec(this.#source.slice(this.#at, this.#at + 12).join(""));
      if (counted === null) return node;
      this.#at += counted[0].length;
      least = Number(counted[1]);
      most = counted[2] === undefined ? least : counted[3] === undefined ? Infinity : Number(counted[3]);
      if (least > maxRepeat || (most !== Infinity && (most > maxRepeat || most < least)))
        throw new ConditionProblem("a pattern repeats too often");
    }
    // Which match is found does not matter, only whether there is one, so that a lazy repeat is the same.
    this.#take("?");
    if ("*+?".includes(this.#peek() ?? " ")) throw new ConditionProblem("a pattern repeats a repeat");
    return { kind: "repeat", node, least, most };
  }

  #atom(): Node | undefined {
    const character = this.#source[this.#at];
    this.#at += 1;
    switch (character) {
      case "(":
        return this.#group();
      case "[": {
        const from = this.#at;
        const accept = this.#class();
        return this.#characters(accept, this.#at - from);
      }
      case ".": {
        const { dotAll } = this.#flags;
        return this.#characters((code) => dotAll || code !== 10);
      }
      case "^":
        return { kind: "assert", assertion: this.#flags.multiline ? "lineStart" : "start" };
      case "$":
        return { kind: "assert", assertion: this.#flags.multiline ? "lineEnd" : "end" };
      case "\\":
        return this.#escaped();
      case "*":
      case "+":
      case "?":
        throw new ConditionProblem("a pattern repeats nothing");
      default:
        return this.#characters(only(character ?? ""));
    }
  }

  #group(): Node | undefined {
    const outer = this.#flags;
    if (this.#take("?")) {
      const rest = this.#source.slice(this.#at, this.#at + 80).join("");
      const opening = /^(?:P?<\w+>|([ims]*)(?:-([ims]*))?([:)]))/.exec(rest);
      if (opening === null) throw new ConditionProblem("a pattern has a kind of group that Go does not know");
      this.#at += opening[0].length;
      const on = opening[1] ?? "";
      const off = opening[2] ?? "";
      const flag = (letter: string, before: boolean): boolean =>
        (before || on.includes(letter)) && !off.includes(letter);
      this.#flags = {
        ignoreCase: flag("i", outer.ignoreCase),
        multiline: flag("m", outer.multiline),
        dotAll: flag("s", outer.dotAll),
      };
      if (opening[3] === ")") return undefined;
    }
    const node = this.#choice();
    if (!this.#take(")")) throw new ConditionProblem("a pattern does not close a group");
    this.#flags = outer;
    return node;
  }

  #escaped(): Node {
    const character = this.#source[this.#at];
    const assertion = assertions[character ?? ""];
    if (assertion === undefined) return this.#characters(this.#escape());
    this.#at += 1;
    return { kind: "assert", assertion };
  }

  /** What stands after a `\`. */
  #escape(): Accept {
    const character = this.#source[this.#at];
    this.#at += 1;
    if (character === undefined) throw new ConditionProblem("a pattern ends with `\\`");
    const known = classes[character];
    if (known !== undefined) return known;
    const control = controls[character];
    if (control !== undefined) return (code) => code === control;
    if (/[A-Za-z0-9]/.test(character))
      throw new ConditionProblem(`a pattern has the unknown escape \`\\${character}\``);
    return only(character);
  }

  #class(): Accept {
    const negated = this.#take("^");
    const accepts: Accept[] = [];
    for (let first = true; first || this.#peek() !== "]"; first = false) {
      const character = this.#peek();
      if (character === undefined) throw new ConditionProblem("a pattern does not close a `[`");
      const named = /^\[:(\w+):\]/.exec(this.#source.slice(this.#at, this.#at + 12).join(""));
      if (named !== null) {
        accepts.push(posixClass(named[1] ?? ""));
        this.#at += named[0].length;
        continue;
      }
      this.#at += 1;
      if (character === "\\") accepts.push(this.#escape());
      else if (this.#peek() === "-" && this.#source[this.#at + 1] !== "]") {
        this.#at += 1;
        accepts.push(between(character, this.#rangeEnd()));
      } else accepts.push(only(character));
    }
    this.#at += 1;
    return (code) => accepts.some((accept) => accept(code)) !== negated;
  }

  #rangeEnd(): string {
    if (this.#take("\\")) this.#peek();
    const end = this.#source[this.#at];
    if (end === undefined) throw new ConditionProblem("a pattern does not close a `[`");
    this.#at += 1;
    return end;
  }

  #characters(accept: Accept, cost = 1): Node {
    if (!this.#flags.ignoreCase) return { kind: "character", accept, cost };
    return { kind: "character", accept: (code) => accept(code) || otherCases(code).some(accept), cost: cost * 4 };
  }

  #peek(): string | undefined {
    return this.#source[this.#at];
  }

  #take(character: string): boolean {
    if (this.#peek() !== character) return false;
    this.#at += 1;
    return true;
  }
}

const assertions: Readonly<Record<string, Assertion>> = { A: "start", z: "end", b: "boundary", B: "noBoundary" };
