import { isTimeZone, parseCron } from "../calendar/index.ts";
import type { Finding, Spanned } from "./yaml/index.ts";

type Located = Finding & { readonly span: Spanned };

/** Checks the cron line at `node`, with its position within the line if the file contains the line unchanged. */
export function checkCron(text: string, node: Spanned, line: string): Located | undefined {
  const parsed = parseCron(line);
  if (!("problem" in parsed)) return undefined;
  const { message, help, start, end } = parsed.problem;
  const at = line === "" ? -1 : text.slice(node.start, node.end).indexOf(line);
  const span = at < 0 ? node : { start: node.start + at + start, end: node.start + at + end };
  return { code: "workflow-schedule", message, help, span };
}

/** Checks the time zone at `node`. */
export function checkTimeZone(node: Spanned, name: string): Located | undefined {
  if (isTimeZone(name)) return undefined;
  return {
    code: "workflow-schedule",
    message: `Unknown time zone \`${name.slice(0, 60)}\`.`,
    help: "Write an IANA name such as `Europe/Berlin`, or remove it for UTC.",
    span: node,
  };
}
