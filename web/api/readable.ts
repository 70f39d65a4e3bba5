/**
 * Characters that change the direction of the text around them (Unicode Bidirectional Algorithm, 2.1 and 2.2): they
 * make a branch or a title read as something else (`exe.gpj` as `jpg.exe`) and disturb the whole line. No name needs
 * them.
 */
const turning = /[\u202A-\u202E\u2066-\u2069]/g;

/** A response with every direction character in its texts replaced by a visible mark. */
export function readable<T>(answer: T): T {
  // The input is JSON, and only its texts change: the type stays.
  return walk(answer) as T;
}

function walk(value: unknown): unknown {
  if (typeof value === "string") return value.search(turning) === -1 ? value : value.replace(turning, "\uFFFD");
  if (Array.isArray(value)) return value.map(walk);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, walk(each)]));
}
