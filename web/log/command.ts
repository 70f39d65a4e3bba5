import { plain } from "./ansi.ts";

/** What a line is besides text: a workflow command that the page formats. */
export type LineKind = "text" | "error" | "warning" | "notice" | "debug" | "command" | "group" | "endgroup";

export interface ReadLine {
  readonly kind: LineKind;
  /** The text to show; it can still contain ANSI sequences if the line is text or a command's message. */
  readonly text: string;
  /** `file:line` of an annotation. */
  readonly place?: string;
}

const kinds: Readonly<Record<string, LineKind>> = {
  error: "error",
  warning: "warning",
  notice: "notice",
  debug: "debug",
  group: "group",
  endgroup: "endgroup",
  command: "command",
  section: "command",
};

const short = /^##\[([a-z]+)\](.*)$/s;
const long = /^\s*::([a-z-]+)(?: ([^:]*(?:(?!::):[^:]*)*))?::(.*)$/s;

/**
 * Parses `::error file=…::message` and `##[error]message`. Commands meant only for the runner are shown unchanged,
 * dimmed.
 */
export function readLine(line: string): ReadLine {
  // Fast path for nearly every line: every command starts with one of these two.
  if (!line.includes("::") && !line.includes("##[")) return { kind: "text", text: line };
  const bare = plain(line);
  const marker = short.exec(bare);
  if (marker) return { kind: kinds[marker[1] ?? ""] ?? "command", text: marker[2] ?? "" };
  const command = long.exec(bare);
  if (!command) return { kind: "text", text: line };
  const kind = kinds[command[1] ?? ""];
  if (kind === undefined) return { kind: "debug", text: bare };
  const text = unescape(command[3] ?? "");
  const { file, line: at, title } = properties(command[2] ?? "");
  const shown = title ? `${title}: ${text}` : text;
  return file === undefined
    ? { kind, text: shown }
    : { kind, text: shown, place: at === undefined ? file : `${file}:${at}` };
}

function properties(text: string): Partial<Record<string, string>> {
  return Object.fromEntries(
    text.split(",").flatMap((pair) => {
      const equals = pair.indexOf("=");
      return equals < 1
        ? []
        : [
            [
              pair.slice(0, equals).trim(),
              unescape(pair.slice(equals + 1))
                .replaceAll("%3A", ":")
                .replaceAll("%2C", ","),
            ],
          ];
    }),
  );
}

function unescape(text: string): string {
  return text.replaceAll("%0D", "").replaceAll("%0A", " ⏎ ").replaceAll("%25", "%");
}
