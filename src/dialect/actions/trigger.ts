import { isTag, refName, type Event } from "../../model/index.ts";
import { Work } from "../pattern/index.ts";
import { entryOf, isNothing, type YamlNode, type YamlScalar } from "../yaml/index.ts";
import { compileList } from "./glob.ts";
import { namesIn } from "./values.ts";

/** GitHub's names of the supported events. */
export const eventNames: Readonly<Record<Event["kind"], string>> = {
  push: "push",
  pull_request: "pull_request",
  release: "release",
  issue: "issues",
  comment: "issue_comment",
  schedule: "schedule",
  manual: "workflow_dispatch",
  deployment: "deployment",
};

/** The default `types` of a pull request. */
const defaultPullRequestTypes = ["opened", "synchronize", "reopened"];

/** The events of `on`, each with its filters. */
export function triggersOf(on: YamlNode): ReadonlyMap<string, YamlNode> {
  if (on.kind === "mapping") return new Map(on.entries.map((entry) => [entry.key, entry.value]));
  return new Map(namesIn(on).map(({ name, node }) => [name, node]));
}

/** Returns why the event does not start the workflow, or undefined if it does. */
export function whySkipped(on: YamlNode, event: Event, work = new Work()): string | undefined {
  const name = eventNames[event.kind];
  const triggers = triggersOf(on);
  const filters = triggers.get(name);
  if (filters === undefined) return `it starts on ${listed([...triggers.keys()])}, not on ${name}`;
  switch (event.kind) {
    case "push":
      return (
        whySkippedCommit(event) ??
        whySkippedRef(filters, event, work) ??
        (isTag(event.ref) ? undefined : whySkippedPaths(filters, event, work))
      );
    case "pull_request":
      return (
        whySkippedCommit(event) ??
        whySkippedType(filters, event, name, defaultPullRequestTypes) ??
        whySkippedName(
          filters,
          "branches",
          event.pullRequest?.base.ref.replace(/^refs\/heads\//, "") ?? refName(event.ref),
          "the base branch",
          work,
        ) ??
        whySkippedPaths(filters, event, work)
      );
    case "schedule":
      return whySkippedSchedule(filters, event);
    default:
      return whySkippedType(filters, event, name, undefined);
  }
}

/** https://docs.github.com/actions/managing-workflow-runs/skipping-workflow-runs */
function whySkippedCommit(event: Event): string | undefined {
  const message = event.commit?.message ?? "";
  const marker =
    /\[(skip ci|ci skip|no ci|skip actions|actions skip)\]/i.exec(message)?.[0] ??
    /^skip-checks: ?true\s*$/im.exec(message)?.[0]?.trim();
  return marker === undefined ? undefined : `the commit message contains ${marker}`;
}

function whySkippedRef(filters: YamlNode, event: Event, work: Work): string | undefined {
  const tag = isTag(event.ref);
  const own = tag ? "tags" : "branches";
  const other = tag ? "branches" : "tags";
  const hasOwn = hasFilter(filters, own);
  // Filters for only one kind of ref exclude the other kind.
  if (!hasOwn && hasFilter(filters, other))
    return `it starts on ${other} only, and ${refName(event.ref)} is a ${tag ? "tag" : "branch"}`;
  return whySkippedName(filters, own, refName(event.ref), tag ? "the tag" : "the branch", work);
}

function whySkippedName(filters: YamlNode, key: string, name: string, what: string, work: Work): string | undefined {
  const wanted = patternsOf(filters, key);
  if (wanted !== undefined && !compileList(wanted)(name, work))
    return `${what} ${name} does not match \`${key}\` (${listed(wanted)})`;
  const ignored = patternsOf(filters, `${key}-ignore`);
  if (ignored !== undefined && compileList(ignored)(name, work))
    return `${what} ${name} matches \`${key}-ignore\` (${listed(ignored)})`;
  return undefined;
}

/** If the changed files are unknown, path filters match. */
function whySkippedPaths(filters: YamlNode, event: Event, work: Work): string | undefined {
  const changed = event.changedFiles;
  if (changed === undefined) return undefined;
  const wanted = patternsOf(filters, "paths");
  const isWanted = wanted && compileList(wanted);
  if (isWanted !== undefined && !changed.some((path) => isWanted(path, work)))
    return `no changed file matches \`paths\` (${listed(wanted ?? [])})`;
  const ignored = patternsOf(filters, "paths-ignore");
  const isIgnored = ignored && compileList(ignored);
  if (isIgnored !== undefined && changed.every((path) => isIgnored(path, work)))
    return `all changed files match \`paths-ignore\` (${listed(ignored ?? [])})`;
  return undefined;
}

function whySkippedType(
  filters: YamlNode,
  event: Event,
  name: string,
  otherwise: readonly string[] | undefined,
): string | undefined {
  const types = patternsOf(filters, "types") ?? otherwise;
  if (types === undefined || event.action === undefined || types.includes(event.action)) return undefined;
  return `it starts on ${name} with ${listed(types)}, not with ${event.action}`;
}

function whySkippedSchedule(filters: YamlNode, event: Event): string | undefined {
  const { schedule, timeZone = "UTC" } = event;
  if (schedule === undefined) return undefined;
  const lines = schedulesOf(filters);
  if (lines.some((line) => line.cron === schedule && line.timeZone === timeZone)) return undefined;
  return `its schedule is ${listed(lines.map(({ cron, timeZone: zone }) => `${cron} ${zone}`))}, but ${schedule} ${timeZone} is due`;
}

/** An entry of `schedule:`. */
export interface Schedule {
  readonly cron: string;
  readonly timeZone: string;
  readonly node: YamlScalar;
  readonly zoneNode?: YamlScalar;
}

/** The entries of `schedule:`, with their time zones. */
export function schedulesOf(node: YamlNode | undefined): readonly Schedule[] {
  if (node?.kind !== "sequence") return [];
  return node.items.flatMap((item) => {
    const cron = entryOf(item, "cron")?.value;
    const zone = entryOf(item, "timezone")?.value;
    if (cron?.kind !== "scalar") return [];
    if (zone?.kind !== "scalar" || isNothing(zone)) return [{ cron: cron.source.trim(), timeZone: "UTC", node: cron }];
    return [{ cron: cron.source.trim(), timeZone: zone.source.trim(), node: cron, zoneNode: zone }];
  });
}

function hasFilter(filters: YamlNode, key: string): boolean {
  return patternsOf(filters, key) !== undefined || patternsOf(filters, `${key}-ignore`) !== undefined;
}

function patternsOf(filters: YamlNode, key: string): readonly string[] | undefined {
  const node = entryOf(filters, key)?.value;
  if (node === undefined || (node.kind === "scalar" && node.value === null)) return undefined;
  return namesIn(node).map((each) => each.name);
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 8).join(", ");
  return names.length > 8 ? `${shown} …` : shown;
}
