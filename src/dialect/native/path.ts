/** The YAML files directly in `.sluice/`. */
export function isNativeFile(path: string): boolean {
  return /^\.sluice\/[^/]+\.ya?ml$/.test(path);
}
