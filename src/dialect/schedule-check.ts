import { isTimeZone, parseCron } from "../calendar/index.ts";
import type { Finding, Spanned } from "./yaml/index.ts";

type Located = Finding & { readonly span: Spanned };

/** What is wrong with the cron line that stands at `node`, with its place within the line where the file's text has the line as it is. */
export function checkCron(text: string, node: Spanned, line: string): Located | undefined {
  const parsed = parseCron(line);
  if (!("problem" in parsed)) return undefined;
  const { message, help, start, end } = parsed.problem;
  const at = line === "" ? -1 : text.slice(node.start, node.end).indexOf(line);
  const span = at < 0 ? node : { start: node.start + at + start, end: node.start + at + end };
  return { code: "workflow-schedule", message, help, span };
}

/** What is wrong with the time zone that stands at `node`. */
export function checkTimeZone(node: Spanned, name: string): Located | undefined {
  if (isTimeZone(name)) return undefined;
  return {
    code: "workflow-schedule",
    message: `There is no time zone \`${name.slice(0, 60)}\`.`,
    help: "Write a name of the IANA list, such as `Europe/Berlin`, or leave it out for UTC.",
    span: node,
  };
}
