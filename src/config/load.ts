import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { LineCounter, isMap, isNode, isScalar, parseDocument, type Document } from "yaml";
import * as z from "zod";
import { SluiceError, didYouMean, messageOf } from "../model/index.ts";
import { configJsonSchema, configSchema, type Config } from "./schema.ts";

/** The default file name in the current folder. */
export const configFile = "sluice.yaml";

/**
 * Reads `sluice.yaml`. Without a path it reads the one in the current folder, if it exists; a given path must exist.
 * `overrides` (command line options) win over the file. The returned data folder is absolute. Rejects with
 * `config-invalid`, naming file:line:column and the key. The environment has no effect.
 */
export async function loadConfig(path?: string, overrides: Readonly<Record<string, unknown>> = {}): Promise<Config> {
  const file = resolve(path ?? configFile);
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (path === undefined && error.code === "ENOENT") return undefined;
    throw new SluiceError("config-invalid", `Cannot read the configuration ${file}: ${messageOf(error)}`, {
      help: "Name a readable file with --config.",
    });
  });
  const config = parseConfig(text ?? "", file);
  const result = configSchema.safeParse({ ...config.input, ...overrides });
  if (!result.success) throw new SluiceError("config-invalid", describe(result.error));
  // Paths on the command line are relative to the current folder, paths in the file to the file.
  const base = "data" in overrides || text === undefined ? process.cwd() : dirname(file);
  return { ...result.data, data: resolve(base, result.data.data) };
}

/**
 * Parses the text of a `sluice.yaml`. Throws `config-invalid` with file:line:column. `input` is the parsed text before
 * defaults.
 */
export function parseConfig(
  text: string,
  file: string,
): { readonly config: Config; readonly input: Readonly<Record<string, unknown>> } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  const [problem] = document.errors;
  if (problem !== undefined)
    throw new SluiceError(
      "config-invalid",
      `${file}:${place(lines, problem.pos[0])}: ${problem.message.split("\n")[0] ?? ""}`,
    );
  let input: unknown;
  try {
    input = document.toJS({ maxAliasCount: 100 }) ?? {};
  } catch (error) {
    throw new SluiceError("config-invalid", `${file}:1:1: ${messageOf(error)}`);
  }
  const result = configSchema.safeParse(input);
  if (!result.success) {
    const [issue] = result.error.issues;
    const at = issue === undefined ? 0 : offsetOf(document, issue);
    throw new SluiceError("config-invalid", `${file}:${place(lines, at)}: ${describe(result.error)}`);
  }
  return { config: result.data, input: Object.fromEntries(Object.entries(input ?? {})) };
}

function place(lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset);
  return `${Math.max(line, 1)}:${Math.max(col, 1)}`;
}

/** The offset of the value that an issue is about; for an unknown key, of the key itself. */
function offsetOf(document: Document, issue: z.core.$ZodIssue): number {
  const at = [...issue.path];
  if (issue.code === "unrecognized_keys") {
    const map = at.length === 0 ? document.contents : document.getIn(at, true);
    const pair = isMap(map)
      ? map.items.find((each) => isScalar(each.key) && each.key.value === issue.keys[0])
      : undefined;
    if (pair !== undefined && isNode(pair.key)) return pair.key.range?.[0] ?? 0;
  }
  // A missing value has no place: use its parent's.
  for (; at.length > 0; at.pop()) {
    const node = document.getIn(at, true);
    if (isNode(node)) return node.range?.[0] ?? 0;
  }
  return 0;
}

function describe(error: z.ZodError): string {
  return error.issues
    .map(
      (issue) =>
        `${issue.path.length === 0 ? "" : `${issue.path.join(".")}: `}${issue.code === "unrecognized_keys" ? unrecognized(issue) : issue.message}`,
    )
    .join("; ");
}

function unrecognized({ message, keys, path }: z.core.$ZodIssueUnrecognizedKeys): string {
  const known = knownKeys(path);
  return `${message}. ${didYouMean(keys[0] ?? "", known) ?? `Known keys: ${known.join(", ")}.`}`;
}

const objectSchema = z.object({ properties: z.record(z.string(), z.unknown()) });

/** The keys allowed at a place of the configuration. */
function knownKeys(path: readonly PropertyKey[]): readonly string[] {
  let schema: unknown = configJsonSchema();
  for (const key of path) schema = objectSchema.safeParse(schema).data?.properties[String(key)];
  return Object.keys(objectSchema.safeParse(schema).data?.properties ?? {});
}
