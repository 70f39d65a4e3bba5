import { isAlias, isMap, isScalar, isSeq, type ParsedNode, type Scalar } from "yaml";
import type { Finding, Spanned } from "./document.ts";
import type { YamlEntry, YamlMapping, YamlNode, YamlScalar } from "./node.ts";

/** Stops reading; the reader turns it into a diagnostic. */
export class YamlProblem extends Error {
  readonly span: Spanned;
  readonly finding: Finding;

  constructor(span: Spanned, finding: Finding) {
    super(finding.message);
    this.span = span;
    this.finding = finding;
  }
}

interface Limits {
  readonly depth: number;
  readonly nodes: number;
}

/** A node with its size if every alias in it were expanded. */
interface Built {
  readonly node: YamlNode;
  readonly size: number;
  readonly depth: number;
}

/**
 * Converts composed YAML to our tree. An alias counts as much as its node without being copied: sizes are added up from
 * the leaves, so an alias bomb is detected as soon as it exceeds the limit.
 */
export function build(contents: ParsedNode | null, text: string, limits: Limits): YamlNode {
  return new Builder(text, limits).build(contents, { start: 0, end: 0 }).node;
}

class Builder {
  readonly #text: string;
  readonly #limits: Limits;
  /**
   * Anchors seen so far; `undefined` while the anchored node is being built. A later anchor with the same name wins.
   */
  readonly #anchors = new Map<string, Built | undefined>();

  constructor(text: string, limits: Limits) {
    this.#text = text;
    this.#limits = limits;
  }

  build(node: ParsedNode | null | undefined, otherwise: Spanned): Built {
    if (node === null || node === undefined)
      return { node: { kind: "scalar", value: null, source: "", ...otherwise }, size: 1, depth: 0 };
    if (isAlias(node)) return this.#alias(node.source, spanOf(node));
    const anchor = node.anchor;
    if (anchor !== undefined) this.#anchors.set(anchor, undefined);
    const built = isScalar(node) ? { node: this.#scalar(node), size: 1, depth: 0 } : this.#collection(node);
    if (anchor !== undefined) this.#anchors.set(anchor, built);
    if (built.size > this.#limits.nodes) {
      throw new YamlProblem(spanOf(node), {
        code: "yaml-too-large",
        message: `The file has more than ${this.#limits.nodes} values, counting expanded aliases.`,
      });
    }
    if (built.depth > this.#limits.depth) {
      throw new YamlProblem(spanOf(node), {
        code: "yaml-too-large",
        message: `The nesting is deeper than ${this.#limits.depth} levels, counting expanded aliases.`,
      });
    }
    return built;
  }

  #alias(name: string, span: Spanned): Built {
    const target = this.#anchors.get(name);
    if (target !== undefined) return target;
    const message = this.#anchors.has(name)
      ? `The alias \`*${name}\` is inside the node that it refers to.`
      : `The alias \`*${name}\` refers to no earlier anchor.`;
    throw new YamlProblem(span, {
      code: "yaml-syntax",
      message,
      help: `Define \`&${name}\` before its first use, on another node.`,
    });
  }

  #scalar(node: Scalar.Parsed): YamlScalar {
    const span = spanOf(node);
    const quotedOrBlock = node.type !== "PLAIN";
    const written = node.source;
    const value = plainValue(node.value, written);
    const source = quotedOrBlock && typeof value === "string" ? value : written;
    if (node.type !== "BLOCK_LITERAL" && node.type !== "BLOCK_FOLDED")
      return { kind: "scalar", value, source, ...span };
    const block = /^[|>][-+0-9]*/.exec(this.#text.slice(span.start, span.start + 4))?.[0] ?? "|";
    return { kind: "scalar", value, source, block, ...span };
  }

  #collection(node: Exclude<ParsedNode, Scalar.Parsed>): Built {
    const span = spanOf(node);
    let size = 1;
    let depth = 0;
    const weigh = (built: Built): YamlNode => {
      size += built.size;
      depth = Math.max(depth, built.depth);
      return built.node;
    };
    if (isSeq(node)) {
      const items = node.items.flatMap((item) => {
        const spread = this.#spread(item);
        if (spread === undefined) return [weigh(this.build(item, span))];
        weigh(spread);
        return spread.items;
      });
      return { node: { kind: "sequence", items, ...span }, size, depth: depth + 1 };
    }
    if (!isMap(node))
      throw new YamlProblem(span, { code: "yaml-syntax", message: "This kind of YAML node is not allowed." });
    const entries: YamlEntry[] = [];
    const seen = new Set<string>();
    const merged: YamlMapping[] = [];
    for (const pair of node.items) {
      const keyNode = this.#key(pair.key, span);
      const value = weigh(this.build(pair.value, { start: keyNode.end, end: keyNode.end }));
      size += 1;
      if (keyNode.source === "<<" && isScalar(pair.key) && pair.key.type === "PLAIN") {
        merged.push(...mergedMappings(value, keyNode));
        continue;
      }
      const key = keyNode.source;
      if (seen.has(key))
        throw new YamlProblem(keyNode, {
          code: "yaml-duplicate-key",
          message: `The mapping already has the key \`${shorten(key)}\`.`,
        });
      seen.add(key);
      entries.push({ key, keyNode, value });
    }
    // Own keys win over merged ones, earlier merged ones over later: https://yaml.org/type/merge.html
    for (const mapping of merged) {
      for (const entry of mapping.entries) {
        if (seen.has(entry.key)) continue;
        seen.add(entry.key);
        entries.push(entry);
      }
    }
    return { node: { kind: "mapping", entries, ...span }, size, depth: depth + 1 };
  }

  /**
   * The items that `- <<: *list` or `- <<: [*list, *other]` inserts into the surrounding sequence. YAML has no such
   * merge, but Woodpecker does: https://woodpecker-ci.org/docs/usage/advanced-usage#sequence-merges. Undefined for any
   * other item, including a merge of mappings.
   */
  #spread(item: ParsedNode | null): (Built & { readonly items: readonly YamlNode[] }) | undefined {
    const pair = isMap(item) && item.items.length === 1 ? item.items[0] : undefined;
    if (pair === undefined || !isScalar(pair.key) || pair.key.type !== "PLAIN" || pair.key.source !== "<<")
      return undefined;
    const value = pair.value;
    // Decided before anything is built: building and discarding would double the work at every level.
    if (
      isSeq(value)
        ? value.items.every((each) => this.#isMapping(each))
        : !isAlias(value) || this.#anchors.get(value.source)?.node.kind !== "sequence"
    )
      return undefined;
    const built = this.build(value, spanOf(pair.key));
    if (built.node.kind !== "sequence") return undefined;
    const { items } = built.node;
    return {
      ...built,
      items: isAlias(value) ? items : items.flatMap((each) => (each.kind === "sequence" ? each.items : [each])),
    };
  }

  #isMapping(node: ParsedNode): boolean {
    return isAlias(node) ? this.#anchors.get(node.source)?.node.kind === "mapping" : isMap(node);
  }

  #key(key: ParsedNode | null, mapping: Spanned): YamlScalar {
    const built = this.build(key, { start: mapping.start, end: mapping.start }).node;
    if (built.kind === "scalar" && built.source !== "") return built;
    const message = built.kind === "scalar" ? "A key is empty." : "A key must be plain text, not a list or mapping.";
    throw new YamlProblem(built, {
      code: "yaml-syntax",
      message,
      help: "Give the entry a name, for example `name: value`.",
    });
  }
}

function mergedMappings(value: YamlNode, key: Spanned): readonly YamlMapping[] {
  if (value.kind === "mapping") return [value];
  if (value.kind === "sequence" && value.items.every((item) => item.kind === "mapping"))
    return value.items.filter((item) => item.kind === "mapping");
  throw new YamlProblem(key, {
    code: "yaml-syntax",
    message: "The merge key `<<` needs a mapping, or a list of mappings.",
    help: "Point it at an anchored mapping: `<<: *name`.",
  });
}

/** JSON has no infinity, no NaN, no big integers: those stay as written. */
function plainValue(value: unknown, source: string): YamlScalar["value"] {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  return source;
}

function spanOf(node: ParsedNode): Spanned {
  return { start: node.range[0], end: node.range[1] };
}

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
