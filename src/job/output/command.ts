/** A workflow command: `::name key=value,…::data` or `##[name key=value;…]data`, with values unescaped. */
export interface Command {
  /** In lower case. */
  readonly name: string;
  /** Keys in lower case. */
  readonly properties: Readonly<Record<string, string>>;
  readonly data: string;
}

const modern = /^\s*::([A-Za-z][\w-]*)(?:[ \t]+(.*?))?::(.*)$/s;
const old = /^\s*##\[([A-Za-z][\w-]*)(?:[ \t]+([^\]]*))?\](.*)$/s;

/**
 * Parses a line as a command; undefined if it is not one. Syntax:
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
 */
export function parseCommand(line: string): Command | undefined {
  const found = modern.exec(line);
  if (found !== null) return command(found, ",", unescapeData);
  const older = old.exec(line);
  return older === null ? undefined : command(older, ";", unescapeOld);
}

function command(found: RegExpExecArray, separator: string, unescape: (text: string) => string): Command {
  const properties: Record<string, string> = {};
  for (const pair of (found[2] ?? "").split(separator)) {
    const equals = pair.indexOf("=");
    if (equals > 0) properties[pair.slice(0, equals).trim().toLowerCase()] = unescapeProperty(pair.slice(equals + 1));
  }
  return { name: (found[1] ?? "").toLowerCase(), properties, data: unescape(found[3] ?? "") };
}

/** Whether the line is `::token::`, which ends a stretch without commands. */
export function resumes(line: string, token: string): boolean {
  return line.trim().startsWith(`::${token}::`);
}

function unescapeData(text: string): string {
  return text.includes("%") ? text.replaceAll("%0D", "\r").replaceAll("%0A", "\n").replaceAll("%25", "%") : text;
}

function unescapeProperty(text: string): string {
  return text.includes("%")
    ? unescapeData(text.replaceAll("%3A", ":").replaceAll("%2C", ",").replaceAll("%3B", ";").replaceAll("%5D", "]"))
    : text;
}

function unescapeOld(text: string): string {
  return text.includes("%") ? unescapeData(text.replaceAll("%3B", ";").replaceAll("%5D", "]")) : text;
}
