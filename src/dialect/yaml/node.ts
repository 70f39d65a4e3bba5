import type { Json } from "../../model/index.ts";

/*
 * The content of a YAML file with its features resolved: aliases are followed (one anchored node is one shared object),
 * merge keys are applied, keys are text. Offsets count characters from the start of the file.
 */
export type YamlNode = YamlScalar | YamlSequence | YamlMapping;

interface Span {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

export interface YamlScalar extends Span {
  readonly kind: "scalar";
  readonly value: string | number | boolean | null;
  /** As written: `0x10`, `yes`, `1.20`; equals the value for quoted and block text. */
  readonly source: string;
  /** `|` or `>` with its modifiers, for a block scalar. */
  readonly block?: string;
}

export interface YamlSequence extends Span {
  readonly kind: "sequence";
  readonly items: readonly YamlNode[];
}

export interface YamlMapping extends Span {
  readonly kind: "mapping";
  /** In file order; merged entries come last. */
  readonly entries: readonly YamlEntry[];
}

export interface YamlEntry {
  readonly key: string;
  readonly keyNode: YamlScalar;
  readonly value: YamlNode;
}

/** The value at a key; undefined if the node is not a mapping or has no such key. */
export function entryOf(node: YamlNode | undefined, key: string): YamlEntry | undefined {
  if (node?.kind !== "mapping") return undefined;
  return node.entries.find((entry) => entry.key === key);
}

/** Whether it is an empty scalar: `key:`, `~`, `null`. */
export function isNothing(node: YamlNode): boolean {
  return node.kind === "scalar" && node.value === null;
}

/** The node as plain JSON. Shared nodes are expanded; the reader's node limit bounds the result. */
export function toJson(node: YamlNode): Json {
  switch (node.kind) {
    case "scalar":
      return node.value;
    case "sequence":
      return node.items.map(toJson);
    case "mapping": {
      const result: Record<string, Json> = {};
      for (const { key, value } of node.entries) define(result, key, toJson(value));
      return result;
    }
  }
}

/** Sets an own property even if the key is `__proto__`. */
function define(target: Record<string, Json>, key: string, value: Json): void {
  if (key === "__proto__")
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  else target[key] = value;
}
