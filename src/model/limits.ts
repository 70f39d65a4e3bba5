/** The most that an entry of a report says: runners keep to it, servers see to it. Names and messages in characters, all outputs of a job together in bytes. */
export const reportLimits = { name: 1000, message: 16 * 1024, outputs: 1024 * 1024 } as const;

/** The most bytes of a text that the database has an index of: PostgreSQL has room for 2,704 together with all that stands beside it. */
export const longestIndexed = 2000;

/** The text itself, or its beginning with an ellipsis where it is longer than so many characters. */
export function shortened(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit - 1)}…`;
}

/** What is wrong with a job's outputs when they are too large together; its end says so, and has none. */
export function excessOf(outputs: Readonly<Record<string, string>>, limit: number): string | undefined {
  let size = 0;
  for (const [name, value] of Object.entries(outputs)) size += Buffer.byteLength(name) + Buffer.byteLength(value);
  return size <= limit ? undefined : `its outputs have ${size} bytes; ${limit} is the limit`;
}
