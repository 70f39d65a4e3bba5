/**
 * Escape sequences of terminals (ECMA-48 5.4 and 8.3.89): control sequences, operating system commands up to their
 * terminator or the line's end, and the two-character rest. Each alternative is one pass over disjoint classes, so that
 * hostile output cannot make the match slow.
 */
// oxlint-disable-next-line eslint/no-control-regex -- control characters are what it is about
const sequences = /\u001B(?:\[[0-?]*[ -/]*[@-~]?|\][^\u0007\u001B\n]*(?:\u0007|\u001B\\)?|[ -/]*[0-~])/g;

/** The text as a terminal would leave it to a reader who searches. */
export function withoutAnsi(text: string): string {
  return text.includes("\u001B") ? text.replace(sequences, "") : text;
}
