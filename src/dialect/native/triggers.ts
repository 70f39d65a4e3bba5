import { isTag, refName, type Event } from "../../model/index.ts";
import { compileGlob, type Glob, type Work } from "../pattern/index.ts";
import { checkCron, checkTimeZone } from "../schedule-check.ts";
import { textOf, textsOf, type Report } from "../shape/index.ts";
import { entryOf, type Spanned, type YamlNode } from "../yaml/index.ts";

export interface Trigger {
  readonly type: string;
  readonly branches: readonly string[];
  readonly tags: readonly string[];
  readonly paths: readonly string[];
  readonly events: readonly string[];
  readonly cron: string;
  /** `UTC` if the trigger does not say. */
  readonly timeZone: string;
  readonly span: Spanned;
  readonly inputs: readonly Input[];
}

/** A value entered when someone starts the workflow by hand. */
export interface Input {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly fallback: string;
  readonly options: readonly string[];
  readonly span: Spanned;
}

export function readTriggers(node: YamlNode | undefined): readonly Trigger[] {
  if (node?.kind !== "sequence") return [];
  return node.items.map((item) => {
    const at = (key: string): YamlNode | undefined => entryOf(item, key)?.value;
    return {
      type: item.kind === "scalar" ? textOf(item) : textOf(at("type")),
      branches: textsOf(at("branches")),
      tags: textsOf(at("tags")),
      paths: textsOf(at("paths")),
      events: textsOf(at("events")),
      cron: textOf(at("cron")).trim(),
      timeZone: textOf(at("timezone")).trim() || "UTC",
      span: at("cron") ?? item,
      inputs: readInputs(at("inputs")),
    };
  });
}

/** A mapping describes the input; a plain value is its default. */
function readInputs(node: YamlNode | undefined): readonly Input[] {
  if (node?.kind !== "mapping") return [];
  return node.entries.map(({ key, keyNode, value }) => {
    const at = (name: string): YamlNode | undefined => entryOf(value, name)?.value;
    return {
      name: key,
      type: textOf(at("type")) || "string",
      required: textOf(at("required")) === "true",
      fallback: value.kind === "scalar" ? textOf(value) : textOf(at("default")),
      options: textsOf(at("options")),
      span: keyNode,
    };
  });
}

/** Rules that a trigger's shape cannot express. */
export function checkTriggers(node: YamlNode | undefined, text: string, report: Report): void {
  if (node?.kind !== "sequence") return;
  readTriggers(node).forEach((trigger, index) => {
    const span = node.items[index] ?? node;
    if (trigger.type === "schedule" && trigger.cron === "")
      report({
        span,
        tolerated: false,
        code: "workflow-schema",
        message: "A `schedule` trigger has no `cron`.",
        help: 'Add `cron: "0 3 * * *"`.',
      });
    checkSchedule(trigger, node.items[index], text, report);
    for (const pattern of [...trigger.branches, ...trigger.tags, ...trigger.paths]) {
      if (compileGlob(pattern.replace(/^!/, "")) === undefined)
        report({
          span,
          tolerated: false,
          code: "workflow-schema",
          message: `\`${pattern.slice(0, 60)}\` is not a pattern.`,
          help: "Close every `[` and `{`, or put `\\` before literal ones.",
        });
    }
  });
}

function checkSchedule(
  { type, cron, timeZone, span }: Trigger,
  item: YamlNode | undefined,
  text: string,
  report: Report,
): void {
  if (type !== "schedule" || cron === "") return;
  const zone = entryOf(item, "timezone")?.value;
  const found = [checkCron(text, span, cron), zone && checkTimeZone(zone, timeZone)];
  for (const each of found) if (each !== undefined) report({ ...each, tolerated: false });
}

/** The first trigger that matches the event. A workflow without triggers only starts by hand. */
export function matchingTrigger(triggers: readonly Trigger[], event: Event, work: Work): Trigger | undefined {
  const all = triggers.length === 0 ? [{ ...manual }] : triggers;
  return all.find((trigger) => matches(trigger, event, work));
}

const manual: Trigger = {
  type: "manual",
  branches: [],
  tags: [],
  paths: [],
  events: [],
  cron: "",
  timeZone: "UTC",
  span: { start: 0, end: 0 },
  inputs: [],
};

/** New commits; any other action of a pull request must be requested with `events`. */
const pullRequestEvents = ["opened", "reopened", "synchronize", "synchronized"];

function matches(trigger: Trigger, event: Event, work: Work): boolean {
  const kind = event.kind === "push" && isTag(event.ref) ? "tag" : event.kind;
  if (trigger.type !== kind) return false;
  const events = trigger.events.length === 0 && kind === "pull_request" ? pullRequestEvents : trigger.events;
  if (events.length > 0 && event.action !== undefined && !events.includes(event.action)) return false;
  if (kind === "schedule")
    return (
      event.schedule === undefined ||
      (event.schedule === trigger.cron && (event.timeZone ?? "UTC") === trigger.timeZone)
    );
  if (isTag(event.ref) && !compileList(trigger.tags)(refName(event.ref), work)) return false;
  const branch = event.pullRequest?.base.ref ?? event.ref;
  if (!isTag(branch) && !compileList(trigger.branches)(refName(branch), work)) return false;
  if (event.changedFiles === undefined || trigger.paths.length === 0) return true;
  const fits = compileList(trigger.paths);
  return event.changedFiles.some((file) => fits(file, work));
}

/** At least one pattern must match, and none that begins with `!`. */
function compileList(patterns: readonly string[]): Glob {
  const wanted = patterns.filter((pattern) => !pattern.startsWith("!")).map(compileGlob);
  const unwanted = patterns
    .filter((pattern) => pattern.startsWith("!"))
    .map((pattern) => compileGlob(pattern.slice(1)));
  return (text, work) => {
    const matchesOne = (list: readonly (Glob | undefined)[]): boolean =>
      list.some((glob) => glob?.(text, work) ?? false);
    return !matchesOne(unwanted) && (wanted.length === 0 || matchesOne(wanted));
  };
}

/** The inputs' values, with defaults; reports invalid values. */
export function inputValues(
  inputs: readonly Input[],
  given: Readonly<Record<string, string>>,
  report: Report,
): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const { name, type, required, fallback, options, span } of inputs) {
    const value = Object.hasOwn(given, name) ? (given[name] ?? "") : fallback;
    values.set(name, value);
    const fail = (message: string): void =>
      report({
        span,
        tolerated: false,
        code: "call-invalid",
        message,
        help: `Set it with --input ${name}=VALUE, or in the form that starts the run.`,
      });
    if (required && value === "") fail(`The input \`${name}\` is required.`);
    else if (value === "") continue;
    else if (type === "boolean" && value !== "true" && value !== "false")
      fail(`The input \`${name}\` must be \`true\` or \`false\`, not \`${value.slice(0, 60)}\`.`);
    else if (type === "number" && !Number.isFinite(Number(value)))
      fail(`The input \`${name}\` must be a number, not \`${value.slice(0, 60)}\`.`);
    else if (type === "choice" && options.length > 0 && !options.includes(value))
      fail(`The input \`${name}\` must be one of ${options.join(", ")}, not \`${value.slice(0, 60)}\`.`);
  }
  return values;
}
