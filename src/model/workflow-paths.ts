/**
 * Where workflows are in a repository: a folder ends with `/`, and its `*.yml` and `*.yaml` count, without subfolders.
 */
export const workflowPaths: readonly string[] = [
  ".github/workflows/",
  ".gitea/workflows/",
  ".forgejo/workflows/",
  ".woodpecker/",
  ".woodpecker.yml",
  ".woodpecker.yaml",
  ".sluice/",
];
