import { didYouMean } from "../../model/index.ts";
import { isNothing, type Finding, type Spanned, type YamlNode, type YamlScalar } from "../yaml/index.ts";

/** Something that a file's dialect does not allow. */
export interface Issue extends Finding {
  readonly span: Spanned;
  /** The dialect's own implementation only warns and runs the file, so compiling does the same; lint does not. */
  readonly tolerated: boolean;
}

export type Report = (issue: Issue) => void;

/**
 * The allowed structure of a node: checks it and reports violations. `where` names the node for people, for example
 * `steps.build.image`.
 */
export type Shape = (node: YamlNode, where: string, report: Report) => void;

const kindNames = { scalar: "a string", sequence: "a list", mapping: "a mapping" };

/** A placeholder character for text that is not known yet; a scalar that contains it fits everywhere. */
export const unknownText = "\uE000";

export const anything: Shape = () => undefined;

/** A string. Other scalars are accepted as written, as dialects do. */
export const text: Shape = scalar("a string", (node) => typeof node.value === "string");
export const flag: Shape = scalar("`true` or `false`", (node) => typeof node.value === "boolean");
export const number: Shape = scalar("a number", (node) => typeof node.value === "number");
/** Any scalar except null. */
export const plain: Shape = scalar("a string, a number, `true` or `false`", (node) => node.value !== null);

export function integer(least: number): Shape {
  return scalar(
    `a whole number, at least ${least}`,
    (node) => typeof node.value === "number" && Number.isInteger(node.value) && node.value >= least,
  );
}

/** One of a few words. */
export function word(...words: readonly string[]): Shape {
  const listed = words.map((each) => `\`${each}\``).join(", ");
  return (node, where, report) => {
    if (node.kind !== "scalar") return misfit(node, where, `one of ${listed}`, report);
    if (isUnknown(node) || words.includes(node.source)) return;
    const help = didYouMean(node.source, words);
    report({
      span: node,
      tolerated: true,
      code: "workflow-schema",
      message: `\`${where}\` is \`${shorten(node.source)}\`, but must be one of ${listed}.`,
      ...(help === undefined ? {} : { help }),
    });
  };
}

export function list(item: Shape): Shape {
  return (node, where, report) => {
    if (node.kind !== "sequence") return misfit(node, where, "a list", report);
    node.items.forEach((each, index) => item(each, `${where}[${index}]`, report));
  };
}

/** A mapping with any keys. */
export function record(value: Shape): Shape {
  return (node, where, report) => {
    if (node.kind !== "mapping") return misfit(node, where, "a mapping", report);
    for (const entry of node.entries) value(entry.value, `${where}.${entry.key}`, report);
  };
}

/** Different shapes for different kinds of node. */
export function either(shapes: {
  readonly scalar?: Shape;
  readonly sequence?: Shape;
  readonly mapping?: Shape;
}): Shape {
  const expected = (["scalar", "sequence", "mapping"] as const)
    .filter((kind) => shapes[kind] !== undefined)
    .map((kind) => kindNames[kind]);
  return (node, where, report) => {
    const shape = shapes[node.kind];
    if (shape === undefined) misfit(node, where, expected.join(" or "), report);
    else shape(node, where, report);
  };
}

export const textOrList: Shape = either({ scalar: text, sequence: list(text) });

export interface ObjectShape {
  readonly required?: readonly string[];
  /** Required too, but the dialect's own implementation only warns. */
  readonly wanted?: readonly string[];
  /** Unknown keys that must not be ignored: running without them would be wrong. */
  readonly refused?: readonly string[];
  /** Keys of other systems or older versions, and what to write instead. */
  readonly hints?: Readonly<Record<string, string>>;
  /** Other keys are allowed too. */
  readonly open?: boolean;
}

/** A mapping with known keys. */
export function object(
  fields: Readonly<Record<string, Shape>>,
  { required = [], wanted = [], refused = [], hints = {}, open = false }: ObjectShape = {},
): Shape {
  const shapes = new Map(Object.entries(fields));
  const advice = new Map(Object.entries(hints));
  return (node, where, report) => {
    if (node.kind !== "mapping") return misfit(node, where, "a mapping", report);
    const here = where === "" ? "The file" : `\`${where}\``;
    for (const { key, keyNode, value } of node.entries) {
      const shape = shapes.get(key);
      if (shape !== undefined) shape(value, where === "" ? key : `${where}.${key}`, report);
      else if (!open && !isUnknown(keyNode)) {
        const help =
          advice.get(key) ?? didYouMean(key, shapes.keys()) ?? `Known keys: ${[...shapes.keys()].join(", ")}.`;
        report({
          span: keyNode,
          tolerated: !refused.includes(key),
          code: "workflow-schema",
          message: `${here} has the unknown key \`${shorten(key)}\`.`,
          help,
        });
      }
    }
    for (const key of [...required, ...wanted]) {
      if (!node.entries.some((entry) => entry.key === key)) {
        report({
          span: headOf(node),
          tolerated: !required.includes(key),
          code: "workflow-schema",
          message: `${here} has no \`${key}\`.`,
          help: `Add \`${key}:\`.`,
        });
      }
    }
  };
}

/** Whether the text is only known when the workflow runs. */
export function isUnknown(node: YamlScalar): boolean {
  return node.source.includes(unknownText);
}

/** The place to point at for a whole mapping: its first key, not all of its lines. */
export function headOf(node: YamlNode): Spanned {
  const first = node.kind === "mapping" ? node.entries[0]?.keyNode : undefined;
  return first !== undefined && first.start >= node.start
    ? first
    : { start: node.start, end: Math.min(node.end, node.start + 1) };
}

function scalar(expected: string, fits: (node: YamlScalar) => boolean): Shape {
  return (node, where, report) => {
    if (node.kind !== "scalar" || isNothing(node)) misfit(node, where, expected, report);
    else if (!isUnknown(node) && !fits(node)) {
      report({
        span: node,
        tolerated: true,
        code: "workflow-schema",
        message: `\`${where}\` must be ${expected}, not \`${shorten(node.source)}\`.`,
        help: expected === "a string" ? "Put it in quotes." : `Write ${expected}.`,
      });
    }
  };
}

function misfit(node: YamlNode, where: string, expected: string, report: Report): void {
  const found = isNothing(node) ? "nothing" : kindNames[node.kind];
  const span = node.kind === "mapping" ? headOf(node) : node;
  // A key without a value counts as absent, for dialects that accept it.
  report({
    span,
    tolerated: isNothing(node),
    code: "workflow-schema",
    message: `${where === "" ? "The file" : `\`${where}\``} must be ${expected}, not ${found}.`,
    help: `Write ${expected}.`,
  });
}

function shorten(value: string): string {
  return value.length > 60 ? `${value.slice(0, 60)}…` : value;
}
