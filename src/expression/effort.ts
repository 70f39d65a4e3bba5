import { Evaluator } from "@actions/expressions/evaluator";
import type { Expr } from "@actions/expressions/ast";
import { Kind, type ExpressionData } from "@actions/expressions/data/index";

/** A budget for what evaluations read and produce, in characters and elements. Throws once it is spent. */
export class Effort {
  readonly #most: number;
  readonly #verb: string;
  #left: number;

  /** @param verb what the evaluation does with the characters, for the message. */
  constructor(most: number, verb = "and others read") {
    this.#most = most;
    this.#verb = verb;
    this.#left = most;
  }

  spend(amount: number): void {
    this.#left -= amount;
    if (this.#left < 0) throw new Error(`it ${this.#verb} more than ${this.#most.toLocaleString("en")} characters`);
  }
}

/**
 * GitHub's evaluator, which charges the budget for the value of every part of an expression: whatever the part above
 * does with it takes proportional time.
 */
export class PayingEvaluator extends Evaluator {
  readonly #pay: (amount: number) => void;

  constructor(parts: {
    readonly root: Expr;
    readonly contexts: ConstructorParameters<typeof Evaluator>[1];
    readonly functions: ConstructorParameters<typeof Evaluator>[2];
    readonly pay: (amount: number) => void;
  }) {
    super(parts.root, parts.contexts, parts.functions);
    this.#pay = parts.pay;
  }

  protected override eval(part: Expr): ExpressionData {
    const value = super.eval(part);
    this.#pay(sizeOf(value));
    return value;
  }
}

/** Comparing one element of a list (`contains`) costs as much as this many characters of text. */
const elementEffort = 30;

function sizeOf(data: ExpressionData): number {
  if (data.kind === Kind.String) return data.value.length + 1;
  return data.kind === Kind.Array ? data.values().length * elementEffort + 1 : 1;
}
