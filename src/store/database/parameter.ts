/**
 * Makes a query parameter fit both databases. PostgreSQL has no NUL in text, and a step's text may contain one: it
 * becomes the replacement character.
 */
export function toParameter(value: unknown): string | number | bigint | null {
  switch (typeof value) {
    case "string":
      return value.includes("\0") ? value.replaceAll("\0", "\uFFFD") : value;
    case "number":
    case "bigint":
      return value;
    case "boolean":
      return value ? 1 : 0;
    default:
      if (value === null || value === undefined) return null;
      throw new TypeError(`A query parameter is ${typeof value}: encode it first.`);
  }
}
