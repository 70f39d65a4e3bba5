import {
  Array as DataArray,
  BooleanData,
  Dictionary,
  Kind,
  Null,
  NumberData,
  StringData,
  type ExpressionData,
} from "@actions/expressions/data/index";
import type { Pair } from "@actions/expressions/data/expressiondata";
import { isJsonObject, type Json, type JsonObject } from "../model/index.ts";
import { contextNames, githubAliases } from "./names.ts";

/*
 * JSON as the evaluator sees it. Objects and lists are wrapped only when an expression accesses them: an event's
 * payload has thousands of values, and an expression reads one.
 */

const nothing = new Null();

class ObjectData extends Dictionary {
  readonly json: JsonObject;
  readonly #wrap: Wrapper;
  /** GitHub's names ignore case; built for the first name whose case differs. */
  #lower: Map<string, string> | undefined;

  constructor(json: JsonObject, wrap: Wrapper) {
    super();
    this.json = json;
    this.#wrap = wrap;
  }

  override get(key: string): ExpressionData | undefined {
    const own = this.#own(key);
    const value = own === undefined ? undefined : this.json[own];
    return value === undefined ? undefined : this.#wrap.wrap(value);
  }

  override values(): ExpressionData[] {
    return Object.values(this.json).map((value) => this.#wrap.wrap(value));
  }

  override pairs(): Pair[] {
    return Object.entries(this.json).map(([key, value]) => ({ key, value: this.#wrap.wrap(value) }));
  }

  #own(key: string): string | undefined {
    if (Object.hasOwn(this.json, key)) return key;
    if (this.#lower === undefined) {
      this.#lower = new Map();
      for (const name of Object.keys(this.json)) {
        const lower = name.toLowerCase();
        if (!this.#lower.has(lower)) this.#lower.set(lower, name);
      }
    }
    return this.#lower.get(key.toLowerCase());
  }
}

class ListData extends DataArray {
  readonly json: readonly Json[];
  readonly #wrap: Wrapper;
  #values: ExpressionData[] | undefined;

  constructor(json: readonly Json[], wrap: Wrapper) {
    super();
    this.json = json;
    this.#wrap = wrap;
  }

  override get(index: number): ExpressionData {
    return this.#wrap.wrap(this.json[index] ?? null);
  }

  override values(): ExpressionData[] {
    this.#values ??= this.json.map((value) => this.#wrap.wrap(value));
    return this.#values;
  }
}

/** The named contexts of one evaluation. A context that GitHub knows and that is not given has no properties. */
export class ContextsData extends ObjectData {
  override get(key: string): ExpressionData {
    return super.get(key) ?? (githubAliases.includes(key.toLowerCase()) ? super.get("github") : undefined) ?? nothing;
  }

  /** Whether an expression can use it. */
  knows(name: string): boolean {
    return contextNames.includes(name) || githubAliases.includes(name) || super.get(name) !== undefined;
  }
}

/**
 * Wraps JSON for one evaluation. The same object always gets the same wrapper, because `==` compares objects by
 * identity.
 */
export class Wrapper {
  readonly #wrapped = new WeakMap<object, ExpressionData>();

  wrap(json: Json): ExpressionData {
    if (json === null) return nothing;
    switch (typeof json) {
      case "string":
        return new StringData(json);
      case "number":
        return new NumberData(json);
      case "boolean":
        return new BooleanData(json);
      default: {
        const known = this.#wrapped.get(json);
        if (known !== undefined) return known;
        const data = isJsonObject(json) ? new ObjectData(json, this) : new ListData(json, this);
        this.#wrapped.set(json, data);
        return data;
      }
    }
  }
}

/** The result of an evaluation as JSON. Numbers that JSON does not have (NaN, infinity) stay numbers. */
export function unwrap(data: ExpressionData): Json {
  if (data instanceof ObjectData || data instanceof ListData) return data.json;
  switch (data.kind) {
    case Kind.String:
    case Kind.Number:
    case Kind.Boolean:
      return data.value;
    case Kind.Array:
      // A filter (`a.*.b`): the evaluator builds it from our wrappers.
      return data.values().map(unwrap);
    default:
      return null;
  }
}

/** GitHub's text form of a value: null is empty, objects and lists are the words `Object` and `Array`. */
export function textOf(json: Json): string {
  if (typeof json === "string") return json;
  if (json === null) return "";
  if (typeof json === "object") return isJsonObject(json) ? "Object" : "Array";
  return typeof json === "boolean" ? String(json) : new NumberData(json).coerceString();
}

/** GitHub's truthiness: false, 0, NaN, null and empty text are false; everything else is true. */
export function truthy(json: Json): boolean {
  return typeof json === "number" ? json !== 0 && !Number.isNaN(json) : json !== null && json !== false && json !== "";
}
