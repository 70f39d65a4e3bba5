import type { ExpressionFunctions } from "../expression/index.ts";
import type { Json } from "../model/index.ts";

/**
 * Evaluates expressions that may ask for the hash of files. Expressions are evaluated in one go, and files are hashed in
 * the job's environment, which takes a while: so an evaluation that asks for a hash is given up and made again when the
 * hash is there.
 * @param evaluation may be called several times; what it changes must not matter
 * @throws what the evaluation throws, or why files could not be hashed.
 */
export type Evaluate = <T>(evaluation: (functions: ExpressionFunctions) => T) => Promise<T>;

/** @param hashFiles the hash for the arguments of the function of that name */
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
