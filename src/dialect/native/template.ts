import { checkExpression, findExpressions, isProblem } from "../../expression/index.ts";
import { didYouMean } from "../../model/index.ts";
import type { Meaning, Scope } from "./scope.ts";

/** One place in a text where a value is inserted. Offsets count from the start of the text. */
export interface Slot {
  readonly start: number;
  readonly end: number;
  readonly meaning: Meaning;
  /** The base name of the variable that carries it. */
  readonly name: string;
}

export interface TemplateProblem {
  readonly start: number;
  readonly end: number;
  readonly code: "workflow-expression" | "workflow-unsupported" | "workflow-injection";
  readonly message: string;
  readonly help: string;
  readonly warning?: boolean;
}

export interface Parsed {
  readonly slots: readonly Slot[];
  readonly problems: readonly TemplateProblem[];
}

/** One text full of the same mistake needs no more. */
const maxProblems = 20;

/** The contexts that an expression in `${{ }}` can use. */
export const expressionNames = {
  contexts: ["event", "inputs", "vars", "secrets", "env", "steps", "job", "runner"],
  functions: ["hashFiles"],
};

const name = "[A-Za-z_][\\w-]*(?:\\.[\\w-]+)*";
const template = new RegExp(`\\{\\{\\s*(${name})\\s*\\}\\}|(\\$*)\\$\\{([A-Za-z_]\\w*(?:\\.[\\w-]+)*)\\}`, "g");

/**
 * Finds `{{ name }}`, `${name}` and `${{ expression }}` in a text. In a command, `${name}` belongs to the shell unless
 * the name is one of ours; elsewhere an unknown name is a problem, and `$${name}` is a literal.
 */
export function parseTemplate(text: string, scope: Scope, inCommand: boolean): Parsed {
  const expressions = findExpressions(text);
  if (isProblem(expressions)) {
    return {
      slots: [],
      problems: [
        {
          start: expressions.offset,
          end: expressions.offset + 3,
          code: "workflow-expression",
          message: `${expressions.message}.`,
          help: "Close it with `}}`.",
        },
      ],
    };
  }
  const slots: Slot[] = [];
  const problems: TemplateProblem[] = [];
  for (const { expression, start, end, offset } of expressions) {
    const problem = checkExpression(expression, expressionNames);
    if (problem === undefined) slots.push({ start, end, meaning: { kind: "expression", expression }, name: "value" });
    else
      problems.push({
        start: offset + problem.offset,
        end,
        code: "workflow-expression",
        message: `${problem.message}.`,
        help: "Fix the expression.",
      });
  }
  for (const match of text.matchAll(template)) {
    // With errors there is no plan, so nothing more needs to be inserted; warnings do not prevent a plan.
    if (problems.length >= maxProblems && problems.some(({ warning }) => warning !== true)) break;
    const [whole, braced, dollars = "", bare = ""] = match;
    const end = match.index + whole.length;
    const start = match.index + dollars.length;
    if (expressions.some((each) => start < each.end && each.start < end)) continue;
    if (braced === undefined && dollars.length > 0) {
      if (!inCommand)
        slots.push({
          start: start - 1,
          end,
          meaning: { kind: "text", text: text.slice(start, end), trusted: false },
          name: bare,
        });
      continue;
    }
    const written = braced ?? bare;
    const meaning = scope.resolve(written);
    if (meaning.kind !== "unknown") slots.push({ start, end, meaning, name: written });
    else if (braced !== undefined || !inCommand || (bare.includes(".") && meaning.code === "workflow-unsupported"))
      problems.push({ start, end, code: meaning.code, message: meaning.message, help: meaning.help });
    else if (bare === bare.toLowerCase() && problems.length < maxProblems) {
      const help = didYouMean(bare, scope.names);
      if (help !== undefined)
        problems.push({
          start,
          end,
          code: "workflow-expression",
          warning: true,
          message: `\`\${${bare}}\` is left to the shell: no field has that name.`,
          help,
        });
    }
  }
  return { slots: slots.toSorted((a, b) => a.start - b.start), problems };
}
