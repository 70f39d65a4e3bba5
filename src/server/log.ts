import { stdout } from "node:process";
import pino, { type Logger } from "pino";

export type { Logger };

export interface LogOptions {
  readonly level: "debug" | "info" | "warn" | "error";
  /** Lines for people instead of JSON. */
  readonly human: boolean;
  readonly write?: (line: string) => void;
}

/**
 * The server's own log: JSON lines, or short lines for a person at a terminal. Secrets stay out: fields named like one
 * are removed at any depth, and so are codes and tokens in URLs.
 */
export function createLogger(options: LogOptions): Logger {
  const write = options.write ?? ((line: string) => void stdout.write(line));
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: secretPaths, censor: "[removed]" },
      serializers: { err: pino.stdSerializers.err },
    },
    { write: (line: string) => write(cleanAddresses(options.human ? forPeople(line) : line)) },
  );
}

const secretPaths = ["authorization", "cookie", "token", "password", "secret", '["set-cookie"]'].flatMap((name) => {
  const below = name.startsWith("[") ? name : `.${name}`;
  return [name, `*${below}`, `*.*${below}`];
});

/** Our tokens anywhere, passwords in URLs, and codes in queries. */
function cleanAddresses(line: string): string {
  return line
    .replace(/sluice(job)?_[A-Za-z0-9_.-]{20,}/g, "[removed]")
    .replace(/(:\/\/[^\s/:@]*:)[^\s/@]+@/g, "$1[removed]@")
    .replace(/([?&](?:code|token|password)=)[^&\s"]+/g, "$1[removed]");
}

function forPeople(line: string): string {
  const { level, time, msg, ...detail }: Record<string, unknown> = JSON.parse(line);
  const error = detail["err"];
  const shown =
    typeof error === "object" && error !== null && "message" in error ? { ...detail, err: error.message } : detail;
  const rest = Object.entries(shown).map(
    ([key, value]) => ` ${key}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  const mark = level === "error" ? "error: " : level === "warn" ? "warning: " : "";
  const text = `${String(time).slice(11, 19)} ${mark}${String(msg)}${rest.join("")}`;
  return `${text.replace(controls, "?").replaceAll("\n", " ")}\n`;
}

/** Control characters of a hostile name must not reach the terminal. */
// oxlint-disable-next-line no-control-regex -- exactly what is removed
const controls = /[\x00-\x08\x0b-\x1f\x7f]/g;
