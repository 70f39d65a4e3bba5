import { isJsonObject, type Json, type JsonObject } from "../model/index.ts";
import { configJsonSchema } from "./schema.ts";

/** The reference of `sluice.yaml` as Markdown: one row a key, made from the schema. */
export function configReference(): string {
  const schema: Json = JSON.parse(JSON.stringify(configJsonSchema()));
  const rows = isJsonObject(schema) ? [...keysOf(schema, "")] : [];
  return `The file \`sluice.yaml\` in the folder that the server is started in, or the one that \`--config\` names. Every key may be left out; one that is not listed here is an error. Options of the command line win over the file.\n\n| Key | Type | Default | |\n| --- | --- | --- | --- |\n${rows.join("")}`;
}

function* keysOf(schema: JsonObject, prefix: string): Generator<string> {
  const properties = schema["properties"];
  if (!isJsonObject(properties)) return;
  for (const [key, each] of Object.entries(properties)) {
    if (!isJsonObject(each)) continue;
    if (isJsonObject(each["properties"])) yield* keysOf(each, `${prefix}${key}.`);
    else yield `| \`${prefix}${key}\` | ${typeOf(each)} | ${defaultOf(each)} | ${text(each["description"])} |\n`;
  }
}

function typeOf(schema: JsonObject): string {
  const { enum: choices, type, anyOf } = schema;
  if (Array.isArray(choices)) return choices.map((each) => `\`${text(each)}\``).join(", ");
  if (Array.isArray(anyOf)) return "text";
  return types[text(type)] ?? "text";
}

function defaultOf(schema: JsonObject): string {
  const value = schema["default"];
  return value === undefined ? "" : `\`${text(value)}\``;
}

const types: Readonly<Record<string, string>> = { array: "list", boolean: "true or false", integer: "number", number: "number" };

function text(value: Json | undefined): string {
  return value === undefined ? "" : typeof value === "string" ? value.replaceAll("|", "\\|") : JSON.stringify(value);
}
