import { entryOf, type YamlNode } from "../yaml/index.ts";
import { checkCron, checkTimeZone } from "../schedule-check.ts";
import { eventNames, schedulesOf, triggersOf } from "./trigger.ts";
import type { Values } from "./values.ts";

const arriving: ReadonlySet<string> = new Set([...Object.values(eventNames), "workflow_call"]);

/**
 * Reports filters that exclude each other and schedules that never run, and warns about events that never arrive here.
 */
export function checkTriggers(values: Values, on: YamlNode): void {
  for (const [name, filters] of triggersOf(on)) {
    if (!arriving.has(name)) {
      const help =
        name === "pull_request_target"
          ? "Use `pull_request`: it applies the base branch's rules to the head's commit, without secrets for forks."
          : "Only the workflow's other events start it.";
      values.report(keyOf(on, name) ?? on, {
        code: "workflow-unsupported",
        severity: "warning",
        message: `The event \`${name}\` does not start workflows here.`,
        help,
      });
    }
    if (name === "schedule") checkSchedules(values, filters);
    if (name === "workflow_dispatch") checkManual(values, filters);
    for (const key of ["branches", "tags", "paths"]) {
      const ignore = entryOf(filters, `${key}-ignore`);
      if (ignore === undefined || entryOf(filters, key) === undefined) continue;
      values.report(ignore.keyNode, {
        code: "workflow-schema",
        message: `\`${key}\` and \`${key}-ignore\` exclude each other.`,
        help: `Keep \`${key}\`, and exclude with patterns that begin with \`!\`.`,
      });
    }
  }
}

function checkSchedules(values: Values, filters: YamlNode): void {
  for (const { cron, node, timeZone, zoneNode } of schedulesOf(filters)) {
    const found = [checkCron(values.document.text, node, cron), zoneNode && checkTimeZone(zoneNode, timeZone)];
    for (const each of found) if (each !== undefined) values.report(each.span, each);
  }
}

/** People write `branches` there; GitHub ignores it silently. */
function checkManual(values: Values, filters: YamlNode): void {
  if (filters.kind !== "mapping") return;
  for (const { key, keyNode } of filters.entries) {
    if (key === "inputs") continue;
    values.report(keyNode, {
      code: "workflow-unsupported",
      severity: "warning",
      message: `\`${key}\` has no effect on \`workflow_dispatch\`: the person who starts it chooses the ref.`,
      help: "Remove it.",
    });
  }
}

function keyOf(on: YamlNode, name: string): YamlNode | undefined {
  if (on.kind === "mapping") return entryOf(on, name)?.keyNode;
  return triggersOf(on).get(name);
}
