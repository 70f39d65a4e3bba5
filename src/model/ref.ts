/** The short name of a ref: `refs/heads/a/b` is `a/b`. */
export function refName(ref: string): string {
  return ref.replace(/^refs\/(heads|tags|pull)\//, "");
}

/** Whether it is a tag's ref. */
export function isTag(ref: string): boolean {
  return ref.startsWith("refs/tags/");
}
