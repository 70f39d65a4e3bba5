/** Greets somebody by name, or the world when nobody is named. */
export function greeting(name) {
  const who = (name ?? "").trim();
  return `Hello, ${who === "" ? "world" : who}!`;
}
