import { glyph } from "../model/index.ts";

const codes = { red: "31", green: "32", yellow: "33", blue: "34", cyan: "36", dim: "2", bold: "1" } as const;

/** Colours text if stdout is a terminal and NO_COLOR is not set (https://no-color.org). */
export function paint(colour: keyof typeof codes, text: string): string {
  return coloured ? `\u001b[${codes[colour]}m${text}\u001b[0m` : text;
}

const coloured = process.stdout.isTTY === true && (process.env["NO_COLOR"] ?? "") === "";

/** A state as shape, word and colour. */
export function paintState(status: Parameters<typeof glyph>[0]): string {
  const colour =
    status === "success"
      ? "green"
      : status === "failure" || status === "lost"
        ? "red"
        : status === "allowed"
          ? "yellow"
          : "dim";
  return paint(colour, `${glyph(status)} ${status}`);
}

/** A duration for people: `240ms`, `3.2s`, `1m 12s`, `2h 03m`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)}ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)}s`;
  if (seconds < 60) return `${Math.round(seconds)}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m ${String(Math.floor(seconds % 60)).padStart(2, "0")}s`;
  return `${Math.floor(minutes / 60)}h ${String(minutes % 60).padStart(2, "0")}m`;
}
