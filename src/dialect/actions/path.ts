/** The YAML files directly in the forge's folder of workflows, as GitHub, Gitea and Forgejo have it. */
export function isActionsFile(path: string): boolean {
  return /^\.(github|gitea|forgejo)\/workflows\/[^/]+\.ya?ml$/.test(path);
}
