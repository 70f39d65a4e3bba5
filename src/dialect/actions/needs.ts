import { didYouMean } from "../../model/index.ts";
import type { YamlEntry, YamlNode } from "../yaml/index.ts";
import { namesIn, valueOf, type Values } from "./values.ts";

interface NeedAt {
  readonly name: string;
  readonly node: YamlNode;
}

/** Reports needs of jobs that do not exist, and needs that form a cycle. */
export function checkNeeds(values: Values, jobs: readonly YamlEntry[]): void {
  const named = jobNames(jobs);
  const needs = new Map(
    jobs.map(({ key, value }) => [
      key,
      namesIn(valueOf(value, "needs")).map(({ name, node }) => ({ name: named(name), node })),
    ]),
  );
  for (const [job, list] of needs) {
    for (const { name, node } of list) {
      if (needs.has(name)) continue;
      const help = didYouMean(name, needs.keys());
      values.report(node, {
        code: "workflow-needs-unknown",
        message: `Job \`${job}\` needs \`${name}\`, which does not exist.`,
        ...(help === undefined ? {} : { help }),
      });
    }
  }
  const circle = findCircle(needs);
  if (circle === undefined) return;
  const path = [...circle.map((need) => need.name), circle[0]?.name ?? ""].join(" → ");
  const last = circle.at(-1);
  if (last !== undefined)
    values.report(last.node, {
      code: "workflow-needs-cycle",
      message: `The jobs need each other in a cycle: ${path.length > 300 ? `${path.slice(0, 300)}…` : path}.`,
    });
}

/** Maps a job's id to the spelling of its entry: ids ignore case. Unknown names stay as they are. */
export function jobNames(jobs: readonly YamlEntry[]): (name: string) => string {
  const ids = new Map(jobs.map(({ key }) => [key.toLowerCase(), key]));
  return (name) => ids.get(name.toLowerCase()) ?? name;
}

/** The needs of one cycle, in order: each is needed by the one before it. Not recursive: a chain can be long. */
function findCircle(needs: ReadonlyMap<string, readonly NeedAt[]>): readonly NeedAt[] | undefined {
  const done = new Set<string>();
  for (const start of needs.keys()) {
    const path: { readonly name: string; readonly at: NeedAt | undefined; next: number }[] = done.has(start)
      ? []
      : [{ name: start, at: undefined, next: 0 }];
    const onPath = new Map<string, number>(path.map((each) => [each.name, 0]));
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const need = needs.get(top.name)?.[top.next];
      top.next += 1;
      if (need === undefined) {
        done.add(top.name);
        onPath.delete(top.name);
        path.pop();
        continue;
      }
      const seen = onPath.get(need.name);
      if (seen !== undefined) return [...path.slice(seen + 1).flatMap((each) => each.at ?? []), need];
      if (done.has(need.name)) continue;
      onPath.set(need.name, path.length);
      path.push({ name: need.name, at: need, next: 0 });
    }
  }
  return undefined;
}
