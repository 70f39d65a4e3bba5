import { SluiceError } from "../../model/index.ts";

/**
 * Parses what a step wrote to GITHUB_ENV, GITHUB_OUTPUT or GITHUB_STATE: lines `name=value`, or `name<<delimiter`,
 * lines of the value, and a line with the delimiter.
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#environment-files
 * @param file the variable that names the file, for messages.
 * @throws SluiceError `workflow-schema` for a line that is neither.
 */
export function parsePairs(text: string, file: string): readonly (readonly [name: string, value: string])[] {
  const pairs: [string, string][] = [];
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? "";
    if (line === "") continue;
    const equals = line.indexOf("=");
    const heredoc = line.indexOf("<<");
    if (equals >= 0 && (heredoc < 0 || equals < heredoc)) {
      pairs.push([nameOf(line.slice(0, equals), file), line.slice(equals + 1)]);
      continue;
    }
    if (heredoc < 0) throw invalid(file, `the line "${shorten(line)}" is neither name=value nor name<<delimiter`);
    const delimiter = line.slice(heredoc + 2);
    if (delimiter === "") throw invalid(file, `the line "${shorten(line)}" has no delimiter after <<`);
    const end = lines.indexOf(delimiter, index + 1);
    if (end < 0)
      throw invalid(file, `the delimiter "${shorten(delimiter)}" of the line "${shorten(line)}" has no closing line`);
    pairs.push([nameOf(line.slice(0, heredoc), file), lines.slice(index + 1, end).join("\n")]);
    index = end;
  }
  return pairs;
}

function nameOf(name: string, file: string): string {
  if (name === "") throw invalid(file, "a line has no name before its value");
  if (name.includes("\0")) throw invalid(file, "a name contains a zero byte");
  return name;
}

function invalid(file: string, reason: string): SluiceError {
  return new SluiceError("workflow-schema", `The step's output in ${file} is invalid: ${reason}.`, {
    help: "Write `name=value` lines, or for several lines `name<<EOF`, the lines, and `EOF`.",
  });
}

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
