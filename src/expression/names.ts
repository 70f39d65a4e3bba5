/** GitHub's contexts: https://docs.github.com/actions/reference/workflows-and-actions/contexts */
export const contextNames: readonly string[] = [
  "github",
  "env",
  "vars",
  "job",
  "jobs",
  "steps",
  "runner",
  "secrets",
  "strategy",
  "matrix",
  "needs",
  "inputs",
];

/** Gitea's and Forgejo's names for `github`. */
export const githubAliases: readonly string[] = ["gitea", "forgejo"];
