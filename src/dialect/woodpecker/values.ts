import type { Template, Text } from "../../model/index.ts";
import { composeText, type TextPiece } from "../compose.ts";
import { entryOf, isNothing, type Spanned, type YamlMapping, type YamlNode, type YamlScalar } from "../yaml/index.ts";

/** A secret's name as an expression. Names ignore case, as in Woodpecker. */
export function secretExpression(name: string): string {
  return /^[A-Za-z_][\w-]*$/.test(name) ? `secrets.${name}` : `secrets['${name.replaceAll("'", "''")}']`;
}

/** The name in `{ from_secret: name }`; undefined for any other mapping. */
function secretIn(node: YamlMapping): string | undefined {
  const value = entryOf(node, "from_secret")?.value;
  return value?.kind === "scalar" && typeof value.value === "string" ? value.value : undefined;
}

/** Places where `from_secret` does not name a secret. */
export function badSecrets(node: YamlNode): readonly Spanned[] {
  if (node.kind === "scalar") return [];
  if (node.kind === "sequence") return node.items.flatMap(badSecrets);
  const entry = entryOf(node, "from_secret");
  if (entry !== undefined && secretIn(node) === undefined) return [entry.value];
  return node.entries.flatMap(({ value }) => badSecrets(value));
}

/** A value as JSON in which secrets are expressions. */
export function templateOf(node: YamlNode): Template {
  switch (node.kind) {
    case "scalar":
      return node.value;
    case "sequence":
      return node.items.map(templateOf);
    case "mapping": {
      const secret = secretIn(node);
      if (secret !== undefined) return { $expr: secretExpression(secret) };
      return Object.fromEntries(node.entries.map(({ key, value }) => [key, templateOf(value)]));
    }
  }
}

/**
 * A variable's value as text, as in Woodpecker: a list of scalars is joined by commas, other lists and mappings become
 * JSON with sorted keys. Undefined for null, which leaves the variable unset.
 */
export function variableText(node: YamlNode): Text | undefined {
  if (isNothing(node)) return undefined;
  if (node.kind === "scalar") return scalarText(node);
  if (node.kind === "sequence" && node.items.every((item) => item.kind === "scalar"))
    return node.items.map((item) => (item.kind === "scalar" ? scalarText(item) : "")).join(",");
  if (node.kind === "mapping") {
    const secret = secretIn(node);
    if (secret !== undefined) return { $expr: secretExpression(secret) };
  }
  return composeText(jsonParts(node));
}

/** Numbers in their shortest form, whole ones with every digit. */
function scalarText({ value, source }: YamlScalar): string {
  if (typeof value === "string") return value;
  if (value === null) return "";
  return typeof value === "number" && !Number.isSafeInteger(value) && /^[-+]?\d+$/.test(source)
    ? source.replace(/^\+/, "")
    : String(value);
}

function jsonParts(node: YamlNode): readonly TextPiece[] {
  if (node.kind === "scalar") return [JSON.stringify(node.value)];
  if (node.kind === "sequence")
    return ["[", ...node.items.flatMap((item, index) => [...(index === 0 ? [] : [","]), ...jsonParts(item)]), "]"];
  const secret = secretIn(node);
  if (secret !== undefined) return [{ $expr: `toJSON(${secretExpression(secret)})` }];
  const sorted = node.entries.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  return [
    "{",
    ...sorted.flatMap(({ key, value }, index) => [
      `${index === 0 ? "" : ","}${JSON.stringify(key)}:`,
      ...jsonParts(value),
    ]),
    "}",
  ];
}
