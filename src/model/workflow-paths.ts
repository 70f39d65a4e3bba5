/** Where to look in a repository: a folder ends with `/`, and its `*.yml` and `*.yaml` count, subfolders not. */
export const workflowPaths: readonly string[] = [
  ".github/workflows/",
  ".gitea/workflows/",
  ".forgejo/workflows/",
  ".woodpecker/",
  ".woodpecker.yml",
  ".woodpecker.yaml",
  ".sluice/",
];
