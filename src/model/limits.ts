/**
 * Limits of one entry of a report: runners keep them, servers enforce them. Names and messages in characters, all
 * outputs of a job together in bytes.
 */
export const reportLimits = { name: 1000, message: 16 * 1024, outputs: 1024 * 1024 } as const;

/**
 * Maximum size in bytes of a text with a database index: PostgreSQL has room for 2,704, including everything beside it.
 */
export const longestIndexed = 2000;

/** The text, or its beginning with an ellipsis if it is longer than `most` characters. */
export function shortened(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit - 1)}…`;
}

/** The failure of a job whose outputs are too large together; the job then has no outputs. */
export function excessOf(outputs: Readonly<Record<string, string>>, limit: number): string | undefined {
  let size = 0;
  for (const [name, value] of Object.entries(outputs)) size += Buffer.byteLength(name) + Buffer.byteLength(value);
  return size <= limit ? undefined : `its outputs have ${size} bytes; the limit is ${limit}`;
}
