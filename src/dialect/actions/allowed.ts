import { githubAliases, type Allowed } from "../../expression/index.ts";

/** The contexts that a condition can use at its place, and advice if it uses others. */
export interface ConditionPlace extends Allowed {
  readonly help: string;
}

const status = ["success", "failure", "cancelled", "always"];

/*
 * From https://docs.github.com/actions/reference/workflows-and-actions/contexts#context-availability. GitHub's reader
 * checks everything in `${{ }}`; an `if` can omit the braces and is then only text to it.
 */
export const jobIf: ConditionPlace = {
  contexts: ["github", ...githubAliases, "needs", "vars", "inputs"],
  functions: status,
  help: "A job's condition is evaluated before the job has a runner: it can use `github`, `needs`, `vars` and `inputs`.",
};

export const stepIf: ConditionPlace = {
  contexts: [
    "github",
    ...githubAliases,
    "needs",
    "strategy",
    "matrix",
    "job",
    "runner",
    "env",
    "vars",
    "steps",
    "inputs",
  ],
  functions: [...status, "hashFiles"],
  help: "A step's condition can use every context except `secrets`. Put the secret into the job's `env` and check that.",
};
