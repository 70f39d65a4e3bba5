import { withoutAnsi } from "./ansi.ts";

/*
 * Compilers, test runners and shells have no common word for failure; these shapes nearly always are one. An `::error`
 * command or `##[error]` at the beginning of a line is explicit
 * (https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands).
 */
const shapes = [
  /^\s*(?:\S+:\d+(?::\d+)?:?\s*)?(?:fatal |uncaught |unhandled |syntax |type |reference |assertion)?(?:error|fatal|panic|exception)\b\s*[:!([]/i,
  /^\s*(?:npm (?:ERR!|error)|\[ERROR\]|ERROR\b|FAIL(?:ED|URE)?\b|\u2715|\u2716|\u2717|not ok\b|E\s{2,}\S|Traceback \(most recent call last\))/,
  /\b[A-Z]\w*(?:Error|Exception)\b:/,
  /\berror(?:\[\w+\]| [A-Z]{1,4}\d+)?:(?!:)/,
  /: (?:command not found|No such file or directory|Permission denied)$/,
];
const command = /^(?:##\[error\]|::error(?: [^:]|::))/;
/** Also excludes commands that a shell is about to run (`set -x`): they are not results. */
const otherCommand = /^(?:##\[[a-z]+\]|::[a-z-]+(?: |::)|\++ )/;
/** A runner's message about a failed process: true, but no news to someone who looks for the reason. */
const closing = /^##\[error\]Process completed with exit code -?\d+\.$/;

/**
 * A fragment that every failure contains, to scan bytes (as latin1) without splitting them into lines. It makes the
 * search fast: most lines of most logs have none of these.
 */
export const trace =
  /error|err!|fatal|panic|exception|fail|not ok|traceback|not found|no such file|permission denied|^e\s\s|\u00E2\u009C[\u0095\u0096\u0097]/gim;

/** Longer lines are judged by their beginning: in the worst case the shapes take quadratic time. */
const judged = 240;

/**
 * How a line reports a failure: explicitly, by its shape, or as the runner's closing message; undefined if it does not.
 */
export function failureOf(line: string): "command" | "shape" | "closing" | undefined {
  const text = withoutAnsi(line.slice(0, judged * 4)).trimEnd();
  if (command.test(text)) return closing.test(text) ? "closing" : "command";
  if (otherCommand.test(text)) return undefined;
  // The last shape is matched at the end of the line, the others at its beginning.
  const seen = text.length > judged ? `${text.slice(0, judged / 2)} ${text.slice(-judged / 2)}` : text;
  return shapes.some((shape) => shape.test(seen)) ? "shape" : undefined;
}
