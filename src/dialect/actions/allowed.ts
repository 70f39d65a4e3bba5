import { githubAliases, type Allowed } from "../../expression/index.ts";

/** What a condition may name at its place, and advice for one that names more. */
export interface ConditionPlace extends Allowed {
  readonly help: string;
}

const status = ["success", "failure", "cancelled", "always"];

/*
 * From https://docs.github.com/actions/reference/workflows-and-actions/contexts#context-availability.
 * GitHub's reader checks everything in `${{ }}`; an `if` may do without the braces, and is then only text to it.
 */
export const jobIf: ConditionPlace = {
  contexts: ["github", ...githubAliases, "needs", "vars", "inputs"],
  functions: status,
  help: "A job's condition is decided before the job has a runner: it knows `github`, `needs`, `vars` and `inputs`.",
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
  help: "A step's condition knows every context but `secrets`; put a secret into `env` of the job and ask for that.",
};
