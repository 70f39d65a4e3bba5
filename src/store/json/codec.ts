import type * as z from "zod";
import { SluiceError } from "../../model/index.ts";

/**
 * Writes one kind of value as JSON and reads it back. Reading upgrades what an earlier version of Sluice wrote; the row
 * keeps its old text until it is written again.
 */
export interface Codec<T> {
  /** The version that is written. */
  readonly version: number;
  /** Throws if the value does not match its schema: a bug, which must not reach the database. */
  encode(value: T): string;
  /**
   * `place` names the table and row in messages, for example `run_plan 01J…`. Throws `stored-invalid` if the text is
   * damaged, and `stored-newer` if a later version of Sluice wrote it.
   */
  decode(text: string, place: string): T;
}

/** Converts a value of one version to the next. It knows only those two versions. */
export type Upgrade = (value: unknown) => unknown;

export interface CodecOptions<T> {
  /** The kind in messages, in the plural: `plans`. */
  readonly name: string;
  /** Of the newest version. Only validates: a value is returned as stored, so transforms have no effect. */
  readonly schema: z.ZodType<T>;
  /** From version 1 to 2, 2 to 3, and so on. Each adds one to the version. Never change a released one. */
  readonly upgrades?: readonly Upgrade[];
}

/** Creates a codec. Text is `{"v":2,"value":…}`; without that frame it is version 1, as written by Sluice 0.1.0. */
export function codec<T>({ name, schema, upgrades = [] }: CodecOptions<T>): Codec<T> {
  const version = upgrades.length + 1;
  return {
    version,
    encode(value) {
      const checked = schema.safeParse(value);
      if (!checked.success)
        throw new Error(`Refused to store ${name} that do not match their schema: ${firstIssue(checked.error)}`);
      return `{"v":${version},"value":${JSON.stringify(value)}}`;
    },
    decode(text, place) {
      const found = unframe(parse(text, name, place));
      if (found.version > version) throw newer(name, place, found.version, version);
      let value = found.value;
      try {
        for (const upgrade of upgrades.slice(found.version - 1)) value = upgrade(value);
      } catch (cause) {
        throw damaged(name, place, `it does not match version ${found.version}`, cause);
      }
      const checked = schema.safeParse(value);
      if (!checked.success) throw damaged(name, place, firstIssue(checked.error), checked.error);
      return value as T;
    },
  };
}

/**
 * Reads a value of any version, for migrations. Undefined if it is damaged or does not match: a migration skips that row,
 * whose run shows the error when it is opened.
 */
export function readValue<T>(schema: z.ZodType<T>, text: string): T | undefined {
  try {
    const { value } = unframe(JSON.parse(text));
    return schema.safeParse(value).success ? (value as T) : undefined;
  } catch {
    // Not JSON.
    return undefined;
  }
}

/** True for an error of `decode`. */
export function isUnreadable(error: unknown): error is SluiceError {
  return error instanceof SluiceError && (error.code === "stored-invalid" || error.code === "stored-newer");
}

function parse(text: string, name: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw damaged(name, place, "it is not JSON", cause);
  }
}

/** Version 1 can have keys `v` and `value` of its own, such as outputs of these names; their `v` is no number. */
function unframe(parsed: unknown): { readonly version: number; readonly value: unknown } {
  if (typeof parsed === "object" && parsed !== null && "v" in parsed && "value" in parsed) {
    const { v, value } = parsed;
    if (typeof v === "number" && Number.isInteger(v) && v > 0) return { version: v, value };
  }
  return { version: 1, value: parsed };
}

function firstIssue({ issues: [issue] }: z.ZodError): string {
  if (issue === undefined) return "it does not match its schema";
  const path = issue.path.map(String).join(".");
  return path === "" ? issue.message : `${path}: ${issue.message}`;
}

function damaged(name: string, place: string, what: string, cause: unknown): SluiceError {
  return new SluiceError("stored-invalid", `Cannot read the ${name} stored in ${place}: ${what}.`, { cause });
}

function newer(name: string, place: string, found: number, known: number): SluiceError {
  return new SluiceError(
    "stored-newer",
    `The ${name} stored in ${place} have version ${found}, but this version of Sluice only knows up to ${known}.`,
  );
}
