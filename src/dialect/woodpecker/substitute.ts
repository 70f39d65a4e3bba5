import type { Diagnostic } from "../../model/index.ts";
import type { Spanned } from "../yaml/index.ts";
import { unknownText } from "../shape/index.ts";
import { SubstitutionProblem, SubstitutionReader, type Expanded } from "./substitution-reader.ts";
import { TextMap } from "./text-map.ts";

/** One `${…}`: where its value is in the output text. */
export interface Reference extends Spanned {
  readonly name: string;
  /** It has its own default for an empty variable. */
  readonly defaulted: boolean;
}

export interface Substitution {
  readonly text: string;
  readonly map: TextMap;
  /** The outermost substitutions, in order. */
  readonly references: readonly Reference[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Maximum size of one substituted file; a long commit message can be used many times. */
const maxLength = 4 * 1024 * 1024;
const maxFindings = 20;

/**
 * Replaces every `${…}` with its value; an unknown name is empty. A value with line breaks is put in double quotes, as
 * in Woodpecker.
 */
export function substitute(text: string, file: string, values: ReadonlyMap<string, string>): Substitution {
  const lookup = (name: string): string => {
    const value = values.get(name) ?? "";
    return value.includes("\n") ? quote(value) : value;
  };
  return run(text, file, (reader, start) => reader.expression(start, lookup));
}

/**
 * Replaces every `${…}` with the same number of placeholder characters, so that a file can be checked before any value
 * is known, with all positions unchanged.
 */
export function blank(text: string, file: string): Substitution {
  return run(text, file, (reader, start) => ({
    ...reader.expression(start, () => ""),
    value: unknownText.repeat(reader.at - start),
  }));
}

function run(
  text: string,
  file: string,
  expand: (reader: SubstitutionReader, start: number) => Expanded,
): Substitution {
  const map = new TextMap(file, text);
  const references: Reference[] = [];
  const diagnostics: Diagnostic[] = [];
  const output: string[] = [];
  let length = 0;
  const put = (piece: string, source: Spanned, copied: boolean): void => {
    if (piece === "" && copied) return;
    map.add(length, source, copied);
    output.push(piece);
    length += piece.length;
  };
  const reader = new SubstitutionReader(text);
  let from = 0;
  for (const { index: dollar, 0: found } of text.matchAll(special)) {
    // Inside a substitution that was already read.
    if (dollar < from) continue;
    put(text.slice(from, dollar), { start: from, end: dollar }, true);
    if (found !== "${") {
      put(found.slice(1), { start: dollar, end: dollar + 2 }, false);
      from = dollar + 2;
      continue;
    }
    try {
      const { name, value, defaulted } = expand(reader, dollar);
      references.push({ name, defaulted, start: length, end: length + value.length });
      put(value, { start: dollar, end: reader.at }, false);
      from = reader.at;
    } catch (error) {
      if (!(error instanceof SubstitutionProblem)) throw error;
      if (diagnostics.length < maxFindings) {
        diagnostics.push(
          map.originalDiagnostic(
            { start: dollar, end: Math.min(text.length, Math.max(error.at, dollar + 2)) },
            { code: "workflow-substitution", message: error.message },
          ),
        );
      }
      from = dollar + 2;
    }
    if (length > maxLength) {
      diagnostics.push(
        map.originalDiagnostic(
          { start: dollar, end: from },
          {
            code: "yaml-too-large",
            message: `With its variables substituted, the file has more than ${maxLength} characters.`,
          },
        ),
      );
      break;
    }
  }
  put(text.slice(from), { start: from, end: text.length }, true);
  const result = output.join("");
  map.close(result);
  return { text: result, map, references, diagnostics };
}

/** Characters that are not literal. */
const special = /\$[${]|\\[\\/]/g;

/** Like Go's `%q`: a double-quoted string that YAML reads back as the same text. */
function quote(value: string): string {
  const escaped = value.replace(/[\\"\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    const short = shortEscapes[character];
    if (short !== undefined) return short;
    const code = (character.codePointAt(0) ?? 0).toString(16);
    return code.length > 4 ? `\\U${code.padStart(8, "0")}` : `\\u${code.padStart(4, "0")}`;
  });
  return `"${escaped}"`;
}

const shortEscapes: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  '"': '\\"',
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\u0007": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\v": "\\v",
};
