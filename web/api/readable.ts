/**
 * Characters that turn the direction of the text around them (Unicode Bidirectional Algorithm, 2.1 and 2.2): with them a branch
 * or a title reads as what it is not (`exe.gpj` as `jpg.exe`), and disturbs its whole line. Nobody needs them in a name.
 */
const turning = /[\u202A-\u202E\u2066-\u2069]/g;

/** An answer with every turning character in its texts shown as what it is: something that does not belong there. */
export function readable<T>(answer: T): T {
  // What goes in is JSON, and only texts in it change: the type stays.
  return walk(answer) as T;
}

function walk(value: unknown): unknown {
  if (typeof value === "string") return value.search(turning) === -1 ? value : value.replace(turning, "\uFFFD");
  if (Array.isArray(value)) return value.map(walk);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, walk(each)]));
}
