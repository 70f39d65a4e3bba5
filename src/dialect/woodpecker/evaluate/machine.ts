import type { Work } from "../../pattern/index.ts";
import { isWord, type Accept } from "./characters.ts";
import { ConditionProblem } from "./problem.ts";

/*
 * The machine that patterns run on: a program whose threads all read the text side by side, one character at a time.
 */

export type Assertion = "start" | "end" | "lineStart" | "lineEnd" | "boundary" | "noBoundary";

export type Instruction =
  | { readonly kind: "character"; readonly accept: Accept; readonly cost: number }
  | { readonly kind: "assert"; readonly assertion: Assertion }
  | { kind: "split"; targets: number[] }
  | { readonly kind: "match" };

/** A pattern that was read. */
export type Node =
  /** `cost` is how many characters and ranges it compares with. */
  | { readonly kind: "character"; readonly accept: Accept; readonly cost: number }
  | { readonly kind: "assert"; readonly assertion: Assertion }
  | { readonly kind: "sequence"; readonly nodes: readonly Node[] }
  | { readonly kind: "choice"; readonly nodes: readonly Node[] }
  | { readonly kind: "repeat"; readonly node: Node; readonly least: number; readonly most: number };

const maxInstructions = 2000;
/** Repeats of nothing make no instructions, but work all the same. */
const maxSteps = 10_000;

type Split = Extract<Instruction, { kind: "split" }>;

class Program {
  readonly instructions: Instruction[] = [];
  #steps = 0;

  get length(): number {
    return this.instructions.length;
  }

  push(instruction: Instruction): void {
    this.instructions.push(instruction);
  }

  split(...targets: number[]): Split {
    const split: Split = { kind: "split", targets };
    this.push(split);
    return split;
  }

  count(): void {
    this.#steps += 1;
    if (this.length > maxInstructions || this.#steps > maxSteps) throw new ConditionProblem("a pattern is too large");
  }
}

/** The program of a pattern. Throws a ConditionProblem when it would be too large. */
export function assemble(node: Node): readonly Instruction[] {
  const program = new Program();
  emit(node, program);
  program.push({ kind: "match" });
  return program.instructions;
}

function emit(node: Node, program: Program): void {
  program.count();
  switch (node.kind) {
    case "sequence":
      for (const each of node.nodes) emit(each, program);
      return;
    case "choice":
      return emitChoice(node.nodes, program);
    case "repeat":
      return emitRepeat(node, program);
    default:
      program.push(node);
  }
}

function emitChoice(nodes: readonly Node[], program: Program): void {
  const entry = program.split();
  const exits = nodes.map((node) => {
    entry.targets.push(program.length);
    emit(node, program);
    return program.split();
  });
  for (const exit of exits) exit.targets.push(program.length);
}

function emitRepeat({ node, least, most }: Extract<Node, { kind: "repeat" }>, program: Program): void {
  for (let count = 0; count < least; count += 1) emit(node, program);
  if (most === Infinity) {
    const start = program.length;
    const loop = program.split(start + 1);
    emit(node, program);
    program.split(start);
    loop.targets.push(program.length);
    return;
  }
  const skips: Split[] = [];
  for (let count = least; count < most; count += 1) {
    skips.push(program.split(program.length + 1));
    emit(node, program);
  }
  for (const skip of skips) skip.targets.push(program.length);
}

/** Runs all threads side by side; a new one starts at every character, for the match may begin anywhere. */
export function search(program: readonly Instruction[], text: readonly number[], work: Work): boolean {
  let threads: number[] = [];
  for (let at = 0; at <= text.length; at += 1) {
    const reached = reach(program, [...threads, 0], text, at, work);
    if (reached === "match") return true;
    const code = text[at];
    if (code === undefined) return false;
    threads = [];
    let cost = 0;
    for (const pc of reached) {
      const instruction = program[pc];
      if (instruction?.kind !== "character") continue;
      cost += instruction.cost;
      if (instruction.accept(code)) threads.push(pc + 1);
    }
    work.spend(cost);
  }
  return false;
}

/** To move a thread costs as much as comparing so many characters. */
const threadCost = 10;

/** The characters that the threads wait for, after splits and assertions. */
function reach(
  program: readonly Instruction[],
  from: readonly number[],
  text: readonly number[],
  at: number,
  work: Work,
): readonly number[] | "match" {
  const seen = new Set<number>();
  const waiting: number[] = [];
  const stack = [...from];
  for (let pc = stack.pop(); pc !== undefined; pc = stack.pop()) {
    if (seen.has(pc)) continue;
    seen.add(pc);
    const instruction = program[pc];
    if (instruction === undefined || instruction.kind === "match") return "match";
    if (instruction.kind === "character") waiting.push(pc);
    else if (instruction.kind === "split") stack.push(...instruction.targets);
    else if (holds(instruction.assertion, text, at)) stack.push(pc + 1);
  }
  work.spend(seen.size * threadCost);
  return waiting;
}

function holds(assertion: Assertion, text: readonly number[], at: number): boolean {
  const before = text[at - 1];
  const after = text[at];
  switch (assertion) {
    case "start":
      return before === undefined;
    case "end":
      return after === undefined;
    case "lineStart":
      return before === undefined || before === 10;
    case "lineEnd":
      return after === undefined || after === 10;
    default: {
      const boundary = (before !== undefined && isWord(before)) !== (after !== undefined && isWord(after));
      return boundary === (assertion === "boundary");
    }
  }
}
