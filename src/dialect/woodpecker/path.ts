/**
 * `.woodpecker.yml`, `.woodpecker.yaml`, and the YAML files directly in `.woodpecker/`; Woodpecker ignores subfolders.
 */
export function isWoodpeckerFile(path: string): boolean {
  return /^\.woodpecker(\/[^/]+)?\.ya?ml$/.test(path);
}

/** The workflow's name: the file name without folder, extension and leading dot. */
export function workflowName(path: string): string {
  const file = path.slice(path.lastIndexOf("/") + 1);
  return (
    file
      .replace(/\.yml$/, "")
      .replace(/\.yaml$/, "")
      .replace(/^\./, "") || "woodpecker"
  );
}
