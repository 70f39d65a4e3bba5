import { escapeSequence } from "../../model/index.ts";

const sequences = new RegExp(escapeSequence, "g");

/** The text as the page shows it, for a reader who searches. 8-bit sequences stay where there are no others: looking for them would double the time. */
export function withoutAnsi(text: string): string {
  return text.includes("\u001B") ? text.replace(sequences, "") : text;
}
