import type { ExpressionFunctions } from "../expression/index.ts";
import type { Json } from "../model/index.ts";

/**
 * Evaluates expressions that may need the hash of files. Evaluation is synchronous, but hashing files in the job's
 * environment takes a while: so an evaluation that needs a hash is aborted and repeated once the hash is known.
 * @param evaluation may be called several times; its side effects must not matter
 * @throws what the evaluation throws, or why files could not be hashed.
 */
export type Evaluate = <T>(evaluation: (functions: ExpressionFunctions) => T) => Promise<T>;

/** @param hashFiles the hash for the arguments of the function with that name */
export function evaluatorWith(hashFiles: (args: readonly Json[]) => Promise<string>): Evaluate {
  return async (evaluation) => {
    const known = new Map<string, string>();
    for (;;) {
      const asked: { args?: readonly Json[] } = {};
      const functions: ExpressionFunctions = {
        hashFiles: (...args) => {
          const hash = known.get(JSON.stringify(args));
          if (hash !== undefined) return hash;
          asked.args ??= args;
          throw new Error("The hash is not known yet.");
        },
      };
      try {
        const value = evaluation(functions);
        if (asked.args === undefined) return value;
      } catch (error) {
        if (asked.args === undefined) throw error;
      }
      known.set(JSON.stringify(asked.args), await hashFiles(asked.args));
    }
  };
}
