import type { ObjectReader } from "@actions/workflow-parser/templates/object-reader";
import {
  BooleanToken,
  MappingToken,
  NullToken,
  NumberToken,
  SequenceToken,
  StringToken,
  type LiteralToken,
  type TemplateToken,
} from "@actions/workflow-parser/templates/tokens/index";
import type { TokenRange } from "@actions/workflow-parser/templates/tokens/token-range";
import type { Spanned, YamlNode, YamlScalar } from "../yaml/index.ts";

type ParseEvent =
  | { readonly type: "literal"; readonly node: YamlScalar; readonly keyOf?: YamlNode }
  | { readonly type: "start"; readonly node: YamlNode }
  | { readonly type: "end"; readonly kind: YamlNode["kind"] };

/** The node that a token was made from. */
export interface Origin {
  readonly node: YamlNode;
  /** For a key: the mapping that contains it. */
  readonly keyOf?: YamlNode;
}

/**
 * Feeds our YAML tree to GitHub's schema reader, so that a file is parsed once, within our limits, and with merge keys
 * (which GitHub's own reader does not know). Its lines and columns are our offsets: every range is on "line 1", and the
 * column is the offset.
 */
export class TreeReader implements ObjectReader {
  readonly origins = new Map<TemplateToken, Origin>();
  readonly #events: Iterator<ParseEvent>;
  #current: ParseEvent | undefined;

  constructor(root: YamlNode) {
    this.#events = eventsOf(root);
    this.#advance();
  }

  allowLiteral(): LiteralToken | undefined {
    const event = this.#current;
    if (event?.type !== "literal") return undefined;
    this.#advance();
    const token =
      event.keyOf !== undefined
        ? new StringToken(undefined, rangeOf(event.node), event.node.source, undefined)
        : literalOf(event.node);
    this.origins.set(
      token,
      event.keyOf === undefined ? { node: event.node } : { node: event.node, keyOf: event.keyOf },
    );
    return token;
  }

  allowSequenceStart(): SequenceToken | undefined {
    return this.#allowStart("sequence", (range) => new SequenceToken(undefined, range, undefined));
  }

  allowSequenceEnd(): boolean {
    return this.#allowEnd("sequence");
  }

  allowMappingStart(): MappingToken | undefined {
    return this.#allowStart("mapping", (range) => new MappingToken(undefined, range, undefined));
  }

  allowMappingEnd(): boolean {
    return this.#allowEnd("mapping");
  }

  validateStart(): void {
    // A tree has no document markers.
  }

  validateEnd(): void {
    if (this.#current !== undefined) throw new Error("Expected the end of the file");
  }

  #allowStart<T extends TemplateToken>(kind: YamlNode["kind"], make: (range: TokenRange) => T): T | undefined {
    const event = this.#current;
    if (event?.type !== "start" || event.node.kind !== kind) return undefined;
    this.#advance();
    const token = make(rangeOf(event.node));
    this.origins.set(token, { node: event.node });
    return token;
  }

  #allowEnd(kind: YamlNode["kind"]): boolean {
    if (this.#current?.type !== "end" || this.#current.kind !== kind) return false;
    this.#advance();
    return true;
  }

  #advance(): void {
    const next = this.#events.next();
    this.#current = next.done === true ? undefined : next.value;
  }
}

function* eventsOf(node: YamlNode): Generator<ParseEvent, undefined> {
  if (node.kind === "scalar") {
    yield { type: "literal", node };
    return;
  }
  yield { type: "start", node };
  if (node.kind === "sequence") for (const item of node.items) yield* eventsOf(item);
  else {
    for (const entry of node.entries) {
      yield { type: "literal", node: entry.keyNode, keyOf: node };
      yield* eventsOf(entry.value);
    }
  }
  yield { type: "end", kind: node.kind };
}

function rangeOf({ start, end }: Spanned): TokenRange {
  return { start: { line: 1, column: start }, end: { line: 1, column: end } };
}

function literalOf(node: YamlScalar): LiteralToken {
  const range = rangeOf(node);
  switch (typeof node.value) {
    case "string":
      return new StringToken(undefined, range, node.value, undefined);
    case "number":
      return new NumberToken(undefined, range, node.value, undefined);
    case "boolean":
      return new BooleanToken(undefined, range, node.value, undefined);
    default:
      return new NullToken(undefined, range, undefined);
  }
}
