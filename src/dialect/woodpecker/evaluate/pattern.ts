import { RE2JS, RE2JSException } from "re2js";
import { Work } from "../../pattern/index.ts";
import { ConditionProblem } from "./problem.ts";

/*
 * Regular expressions for `matches`, with the semantics of Go's regexp package. They meet text that anyone can write
 * (commit messages, branch names), so they run in linear time; JavaScript's own engine can take forever.
 */

/** Go has no such limit. Within it, a pattern compiles in at most a fifth of a second. */
const maxLength = 1000;
/** In instructions. Go allows three million. */
const maxProgram = 20_000;
/** The cost of compiling, per character of a pattern and then per instruction. */
const compileCost = 50;

/**
 * Compiles a pattern; the result says whether it occurs anywhere in a text. Throws a ConditionProblem if the pattern is
 * invalid or too large. The budget pays for both.
 */
export function compilePattern(pattern: string, work = new Work()): (text: string) => boolean {
  if (pattern.length > maxLength) throw new ConditionProblem(`a pattern is longer than ${maxLength} characters`);
  work.spend(pattern.length * compileCost);
  const compiled = compile(pattern);
  const size = compiled.programSize();
  // First, so that patterns that are too large use up the work as well.
  work.spend(size * compileCost);
  if (size > maxProgram) throw new ConditionProblem("a pattern repeats too much");
  return (text) => {
    // In the worst case every instruction reads every character: measured at up to 26 ns.
    work.spend(size * (text.length + 1));
    return compiled.test(text);
  };
}

function compile(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    throw new ConditionProblem(`invalid pattern: ${error.message.replace("error parsing regexp: ", "")}`);
  }
}
