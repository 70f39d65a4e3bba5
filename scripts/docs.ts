/**
 * Writes docs/reference/ from the source: the command line, the configuration, the error codes and the API.
 * With --check it writes nothing and fails when a page differs from what it would write.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Argument, Command, Option } from "commander";
import { createProgram } from "../src/cli/commands.ts";
import { z } from "zod";
import { configJsonSchema } from "../src/config/index.ts";
import { codes } from "../src/model/index.ts";

interface Key {
  readonly description?: string | undefined;
  readonly type?: string | readonly string[] | undefined;
  readonly enum?: readonly string[] | undefined;
  readonly default?: unknown;
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  readonly properties?: Readonly<Record<string, Key>> | undefined;
}

const keySchema: z.ZodType<Key> = z.lazy(() =>
  z.object({
    description: z.string().optional(),
    type: z.union([z.string(), z.array(z.string())]).optional(),
    enum: z.array(z.string()).optional(),
    default: z.unknown().optional(),
    minimum: z.number().optional(),
    maximum: z.number().optional(),
    properties: z.record(z.string(), keySchema).optional(),
  }),
);

const folder = "docs/reference";
const note = "<!-- Made by `npm run docs` from the source; edit there. -->\n\n";

const pages: Readonly<Record<string, string>> = {
  "cli.md": await commandLine(),
  "config.md": configuration(),
  "errors.md": errors(),
};

const check = process.argv.includes("--check");
const stale: string[] = [];
mkdirSync(folder, { recursive: true });
for (const [name, text] of Object.entries(pages)) {
  const file = join(folder, name);
  if (current(file) === text) continue;
  if (check) stale.push(file);
  else writeFileSync(file, text);
}
if (stale.length > 0) {
  console.error(`Out of date: ${stale.join(", ")}. Run 'npm run docs' and commit what it writes.`);
  process.exitCode = 1;
}

function current(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // A page that is not there yet is out of date like any other.
    return undefined;
  }
}

async function commandLine(): Promise<string> {
  const program = await createProgram();
  const sections = program.commands.map((command) => describe(command, "sluice"));
  return `# Command line\n\n${note}\`sluice <command> --help\` prints the same.\n\n${sections.join("\n")}`;
}

function describe(command: Command, parent: string): string {
  const name = `${parent} ${command.name()}`;
  const parts = [`## ${name}\n`, `${sentence(command.description())}\n`];
  if (command.commands.length > 0) {
    return [...parts, ...command.commands.map((each) => describe(each, name))].join("\n");
  }
  parts.push(`\`\`\`text\n${name} ${command.usage()}\n\`\`\`\n`);
  if (command.registeredArguments.length > 0)
    parts.push(
      table(
        "Argument",
        command.registeredArguments.map((each) => [argumentName(each), each.description]),
      ),
    );
  const options = command.options.filter((each) => !each.hidden);
  if (options.length > 0)
    parts.push(
      table(
        "Option",
        options.map((each) => [each.flags, optionText(each)]),
      ),
    );
  return parts.join("\n");
}

function argumentName(argument: Argument): string {
  const name = argument.name() + (argument.variadic ? "..." : "");
  return argument.required ? `<${name}>` : `[${name}]`;
}

function optionText(option: Option): string {
  return option.defaultValue === undefined
    ? option.description
    : `${option.description} (default: \`${String(option.defaultValueDescription ?? option.defaultValue)}\`)`;
}

function configuration(): string {
  const schema = keySchema.parse(configJsonSchema());
  const rows = keys(schema, "").map(
    ([name, key]) =>
      `| \`${name}\` | ${cell(values(key))} | ${cell(key.default === undefined ? "" : `\`${JSON.stringify(key.default)}\``)} | ${cell(key.description ?? "")} |\n`,
  );
  return `# Configuration\n\n${note}\`sluice server\` reads \`sluice.yaml\` in the current folder, or the file that \`--config\` names. Every key has a default; a key that is not listed is an error.\n\n| Key | Values | Default | What it is |\n| --- | --- | --- | --- |\n${rows.join("")}`;
}

function keys(parent: Key, prefix: string): readonly (readonly [string, Key])[] {
  return Object.entries(parent.properties ?? {}).flatMap(([name, key]) =>
    key.properties === undefined ? [[prefix + name, key] as const] : keys(key, `${prefix}${name}.`),
  );
}

function values(key: Key): string {
  if (key.enum !== undefined) return key.enum.map((each) => `\`${each}\``).join(", ");
  if (key.type === "integer") return `${key.minimum ?? 0} to ${key.maximum ?? "any"}`;
  return [key.type ?? "string"].flat().join(" or ");
}

function errors(): string {
  const rows = Object.entries(codes).map(
    ([code, each]) => `| \`${code}\` | ${cell(each.meaning)} | ${cell(each.help)} | ${each.status} |\n`,
  );
  return `# Error codes\n\n${note}Diagnostics of workflow files, answers of the API and messages of the command line carry one of these. A code keeps its meaning for good.\n\n| Code | What it means | What to do | HTTP status |\n| --- | --- | --- | --- |\n${rows.join("")}`;
}

function table(head: string, rows: readonly (readonly [string, string])[]): string {
  return `| ${head} | |\n| --- | --- |\n${rows.map(([name, text]) => `| \`${cell(name)}\` | ${cell(text)} |\n`).join("")}`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
