import { findExpressions, isProblem, parseText, truthy } from "../../expression/index.ts";
import {
  isExpression,
  type Count,
  type Diagnostic,
  type Environment,
  type Expression,
  type Flag,
  type Json,
  type Template,
  type Text,
} from "../../model/index.ts";
import {
  entryOf,
  isNothing,
  type Finding,
  type Spanned,
  type YamlDocument,
  type YamlEntry,
  type YamlNode,
  type YamlScalar,
} from "../yaml/index.ts";
import { offsetInFile, placeInside } from "./place.ts";

/**
 * Converts parts of a workflow file to the plan's types. The schema has been checked before, so whatever does not fit
 * is ignored; only what the schema cannot see is reported.
 */
export class Values {
  readonly document: YamlDocument;
  readonly diagnostics: Diagnostic[] = [];

  constructor(document: YamlDocument) {
    this.document = document;
  }

  report(span: Spanned, finding: Finding): void {
    this.diagnostics.push(this.document.diagnostic(span, finding));
  }

  /** Text with its expressions; other scalars in GitHub's text form (`1.10` is `1.1`, null is empty). */
  text(node: YamlNode): Text {
    if (node.kind !== "scalar") return "";
    return this.#parse(node, String(node.value ?? ""));
  }

  optionalText(node: YamlNode | undefined): Text | undefined {
    return node === undefined || isNothing(node) ? undefined : this.text(node);
  }

  flag(node: YamlNode): Flag {
    const value = this.#value(node);
    return isExpression(value) ? value : truthy(value);
  }

  /** A number of minutes or jobs; zero means no limit, as on GitHub. */
  count(node: YamlNode): Count | undefined {
    const value = this.#value(node);
    if (isExpression(value)) return value;
    const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
    if (typeof number === "number" && Number.isFinite(number) && number >= 0) return number === 0 ? undefined : number;
    this.report(node, {
      code: "workflow-schema",
      message: "Expected a number that is not negative.",
      help: "Write a number, or remove it.",
    });
    return undefined;
  }

  template(node: YamlNode): Template {
    switch (node.kind) {
      case "scalar":
        return this.#value(node);
      case "sequence":
        return node.items.map((item) => this.template(item));
      case "mapping":
        return Object.fromEntries(
          node.entries
            .filter(({ key, keyNode }) => this.#isKey(keyNode, key))
            .map(({ key, value }) => [key, this.template(value)]),
        );
    }
  }

  /**
   * Variables. The whole map can be an expression, and so can names; those are kept as written for the run to evaluate.
   */
  environment(node: YamlNode | undefined): Environment {
    if (node === undefined) return {};
    if (node.kind === "mapping")
      return Object.fromEntries(
        node.entries
          .filter(({ key, keyNode }) => this.#isKey(keyNode, key))
          .map(({ key, value }) => [key, this.text(value)]),
      );
    const value = this.#value(node);
    return isExpression(value) ? value : {};
  }

  texts(node: YamlNode | undefined): Readonly<Record<string, Text>> {
    return Object.fromEntries(this.entries(node).map(({ key, value }) => [key, this.text(value)]));
  }

  /** One text or a list of them; the whole list can be an expression. */
  textOrList(node: YamlNode): Template {
    return node.kind === "sequence" ? this.template(node) : this.text(node);
  }

  /**
   * The entries of a mapping. A key that is an expression is unknown before the run, and the plan has no place for it.
   */
  entries(node: YamlNode | undefined): readonly YamlEntry[] {
    if (node?.kind !== "mapping") return [];
    return node.entries.filter(({ key, keyNode }) => {
      if (!key.includes("${{")) return true;
      this.report(keyNode, {
        code: "workflow-unsupported",
        message: "A key cannot be an expression.",
        help: "Write out the keys, or make the whole mapping one expression.",
      });
      return false;
    });
  }

  /** An `if`, with or without `${{ }}`; undefined if empty. The status function is added later. */
  condition(node: YamlNode | undefined): Expression | undefined {
    if (node?.kind !== "scalar") return undefined;
    const written = typeof node.value === "string" ? node.value : node.source;
    const raw = written.trim();
    if (raw === "") return undefined;
    const parts = findExpressions(raw);
    if (isProblem(parts)) return undefined;
    const [first] = parts;
    if (first === undefined) return { $expr: raw, at: placeInside(this.document, node, written.indexOf(raw)) };
    const text = this.#parse(node, raw);
    if (parts.length > 1 || first.start > 0 || first.end < raw.length) {
      this.report(node, {
        code: "workflow-expression",
        severity: "warning",
        message:
          "The condition is always true: with text around `${{ }}` it is text, and non-empty text counts as true.",
        help: "Put the whole condition inside one `${{ }}`, or remove the braces.",
      });
    }
    return typeof text === "string" ? undefined : text;
  }

  /** Whether a template can contain the key: then its expressions can be read. */
  #isKey(node: YamlNode, key: string): boolean {
    const parts = findExpressions(key);
    if (!isProblem(parts)) return true;
    this.report(node, { code: "workflow-expression", message: `${parts.message}.` });
    return false;
  }

  /** A scalar as JSON. White space around a single expression is ignored where no text is expected. */
  #value(node: YamlNode): Expression | Exclude<Json, object> {
    if (node.kind !== "scalar") return null;
    if (typeof node.value !== "string") return node.value;
    return this.#parse(node, node.value.includes("${{") ? node.value.trim() : node.value);
  }

  #parse(node: YamlScalar, raw: string): Text {
    if (!raw.includes("${{")) return raw;
    const text = parseText(raw, placeInside(this.document, node, raw.indexOf("${{")));
    if (typeof text === "string" || !isProblem(text)) return text;
    const start = offsetInFile(this.document, node, text.offset);
    this.report(
      { start, end: Math.max(node.end, start) },
      { code: "workflow-expression", message: `${text.message}.` },
    );
    return "";
  }
}

/** The value at a key, if it is not empty. */
export function valueOf(node: YamlNode | undefined, key: string): YamlNode | undefined {
  const value = entryOf(node, key)?.value;
  return value === undefined || isNothing(value) ? undefined : value;
}

/** One name or a list of them, each with its place. */
export function namesIn(node: YamlNode | undefined): readonly { readonly name: string; readonly node: YamlNode }[] {
  if (node === undefined) return [];
  if (node.kind === "scalar") return [{ name: node.source, node }];
  return node.kind === "sequence" ? node.items.flatMap((item) => namesIn(item)) : [];
}
