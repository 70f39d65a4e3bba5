import { isNothing, type YamlNode } from "../yaml/index.ts";

/** A scalar as written; null and other nodes are empty. */
export function textOf(node: YamlNode | undefined): string {
  if (node?.kind !== "scalar" || isNothing(node)) return "";
  return typeof node.value === "string" ? node.value : node.source;
}

/** One scalar or a list of them. */
export function textsOf(node: YamlNode | undefined): readonly string[] {
  if (node === undefined || isNothing(node)) return [];
  if (node.kind === "sequence") return node.items.map(textOf);
  return node.kind === "scalar" ? [textOf(node)] : [];
}

/** `yes` and `on` count too: Woodpecker's YAML accepts them for booleans. */
export function flagOf(node: YamlNode | undefined, otherwise: boolean): boolean {
  const text = textOf(node).toLowerCase();
  if (["true", "yes", "on", "y"].includes(text)) return true;
  if (["false", "no", "off", "n"].includes(text)) return false;
  return otherwise;
}
