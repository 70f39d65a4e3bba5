import { RE2JS, RE2JSException } from "re2js";
import { Work } from "../../pattern/index.ts";
import { ConditionProblem } from "./problem.ts";

/*
 * Regular expressions for `matches`, as Go's regexp package reads them. They meet text that anybody can write (commit
 * messages, branch names), so they run in time linear in the text; JavaScript's own engine can take for ever.
 */

/** Go has no such limit. Within it, a pattern compiles in a fifth of a second at worst. */
const maxLength = 1000;
/** In instructions. Go allows three million. */
const maxProgram = 20_000;
/** What compiling costs, for each character of a pattern and then for each instruction. */
const compileCost = 50;

/**
 * Compiles a pattern; the result tells whether it occurs anywhere in a text. Throws a ConditionProblem where the
 * pattern is wrong or too large. The work pays for both.
 */
export function compilePattern(pattern: string, work = new Work()): (text: string) => boolean {
  if (pattern.length > maxLength) throw new ConditionProblem(`a pattern is longer than ${maxLength} characters`);
  work.spend(pattern.length * compileCost);
  const compiled = compile(pattern);
  const size = compiled.programSize();
  if (size > maxProgram) throw new ConditionProblem("a pattern repeats too much");
  work.spend(size * compileCost);
  return (text) => {
    // At worst every instruction looks at every character: measured at up to 26 ns.
    work.spend(size * (text.length + 1));
    return compiled.test(text);
  };
}

function compile(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    throw new ConditionProblem(`a pattern is wrong: ${error.message.replace("error parsing regexp: ", "")}`);
  }
}
