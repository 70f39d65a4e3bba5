/** Short form of a ref: `refs/heads/main` as `main`, a pull request's as `pull/12`. */
export function shortRef(ref: string): string {
  return ref.replace(/^refs\/(?:heads|tags)\//, "").replace(/^refs\/(pull\/\d+)\/(?:head|merge)$/, "$1");
}
