import type { Dialect } from "../model/index.ts";
import { entryOf, type YamlNode } from "./yaml/index.ts";

/** The dialect of a file at any path, by its top-level keys. Undefined if they match none. */
export function dialectOfContent(root: YamlNode): Dialect | undefined {
  const has = (key: string): boolean => entryOf(root, key) !== undefined;
  if (has("on") || has("jobs")) return "actions";
  if (has("triggers") || stepsHave(root, "type")) return "native";
  if (has("steps") || has("when") || has("pipeline") || has("services") || has("depends_on")) return "woodpecker";
  return undefined;
}

function stepsHave(root: YamlNode, key: string): boolean {
  const steps = entryOf(root, "steps")?.value;
  if (steps === undefined || steps.kind === "scalar") return false;
  const items = steps.kind === "sequence" ? steps.items : steps.entries.map((entry) => entry.value);
  return items.some((item) => entryOf(item, key) !== undefined);
}
