import { entryOf, type YamlNode } from "../yaml/index.ts";
import { checkCron, checkTimeZone } from "../schedule-check.ts";
import { eventNames, schedulesOf, triggersOf } from "./trigger.ts";
import type { Values } from "./values.ts";

const arriving: ReadonlySet<string> = new Set([...Object.values(eventNames), "workflow_call"]);

/** Reports filters that exclude each other and schedules that never come, and warns of events that never arrive here. */
export function checkTriggers(values: Values, on: YamlNode): void {
  for (const [name, filters] of triggersOf(on)) {
    if (!arriving.has(name)) {
      const help = name === "pull_request_target" ? "Use `pull_request`: it runs the base branch's rules on the head's commit, without secrets for forks." : "The workflow is started by its other events only.";
      values.report(keyOf(on, name) ?? on, { code: "workflow-unsupported", severity: "warning", message: `The event \`${name}\` does not start workflows here.`, help });
    }
    if (name === "schedule") checkSchedules(values, filters);
    for (const key of ["branches", "tags", "paths"]) {
      const ignore = entryOf(filters, `${key}-ignore`);
      if (ignore === undefined || entryOf(filters, key) === undefined) continue;
      values.report(ignore.keyNode, { code: "workflow-schema", message: `\`${key}\` and \`${key}-ignore\` exclude each other.`, help: `Keep \`${key}\`, and exclude with patterns that begin with \`!\`.` });
    }
  }
}

function checkSchedules(values: Values, filters: YamlNode): void {
  for (const { cron, node, timeZone, zoneNode } of schedulesOf(filters)) {
    const found = [checkCron(values.document.text, node, cron), zoneNode && checkTimeZone(zoneNode, timeZone)];
    for (const each of found) if (each !== undefined) values.report(each.span, each);
  }
}

function keyOf(on: YamlNode, name: string): YamlNode | undefined {
  if (on.kind === "mapping") return entryOf(on, name)?.keyNode;
  return triggersOf(on).get(name);
}
