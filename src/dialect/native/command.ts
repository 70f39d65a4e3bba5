import type { Text } from "../../model/index.ts";
import { surroundingsOf, type Surroundings } from "./shell-quotes.ts";
import type { Meaning } from "./scope.ts";
import type { Slot, TemplateProblem } from "./template.ts";

/** A command with all outside values in variables. */
export interface SafeCommand {
  readonly script: string;
  readonly problems: readonly TemplateProblem[];
}

/** Shells that read variables as `"${NAME}"`; the default shell is one of them. */
const posixShells = new Set(["", "bash", "sh", "dash", "zsh", "ksh", "ash"]);

/**
 * Inserts values into a command without making them part of its text: anyone may have written titles, branch names and
 * outputs, and a shell executes what it reads. Each becomes a variable `SLUICE_…`, and the command gets a reference to
 * it, quoted for its place: unquoted, in quotes or in a here-document. Only hashes, numbers and our own words are
 * inserted directly. The variables are added to `env`.
 */
export function safeCommand(
  text: string,
  slots: readonly Slot[],
  shell: string,
  env: Record<string, Text>,
): SafeCommand {
  const posix = posixShells.has(shell.trim().split(/[\s{]/)[0]?.replace(/^.*\//, "") ?? "");
  const places = posix ? surroundingsOf(text, slots) : [];
  const problems: TemplateProblem[] = [];
  const script: string[] = [];
  let from = 0;
  for (const [index, slot] of slots.entries()) {
    script.push(text.slice(from, slot.start));
    from = slot.end;
    if (slot.meaning.kind === "text" && slot.meaning.trusted && isHarmless(slot.meaning.text)) {
      script.push(slot.meaning.text);
      continue;
    }
    const problem = posix ? problemAt(text, slot, places[index] ?? "plain") : `a script for \`${shell}\``;
    if (problem !== undefined) problems.push(refusal(slot, problem));
    script.push(reference(variableFor(slot, env), places[index] ?? "plain"));
  }
  script.push(text.slice(from));
  return { script: script.join(""), problems };
}

/** Nothing that any shell could read as anything but a word. A field can be empty. */
function isHarmless(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(text);
}

function variableFor(slot: Slot, env: Record<string, Text>): string {
  const stem = `SLUICE_${slot.name.replaceAll(/\W/g, "_").toUpperCase()}`;
  const value = textFor(slot.meaning);
  let name = stem;
  for (let count = 2; Object.hasOwn(env, name) && JSON.stringify(env[name]) !== JSON.stringify(value); count += 1)
    name = `${stem}_${count}`;
  env[name] = value;
  return name;
}

function textFor(meaning: Meaning): Text {
  return meaning.kind === "text" ? meaning.text : { $expr: meaning.expression };
}

function reference(name: string, place: Surroundings): string {
  switch (place) {
    case "plain":
      return `"\${${name}}"`;
    case "single":
      return `'"\${${name}}"'`;
    case "ansi":
      return `'"\${${name}}"$'`;
    default:
      return `\${${name}}`;
  }
}

/** How far to check the words around a place. */
const maxContext = 500;

/** Places where the shell would not expand the variable, or would still read its value as code. */
function problemAt(text: string, slot: Slot, place: Surroundings): string | undefined {
  if (place === "arithmetic") return "an arithmetic expression, which the shell evaluates as code";
  if (place === "parameter") return "the inside of `${…}`";
  if (place === "quotedHeredoc") return "a here-document with a quoted delimiter, where the shell expands no variables";
  if (place === "comment") return undefined;
  const before = text.slice(Math.max(0, slot.start - maxContext), slot.start);
  const command = before.slice(Math.max(...["\n", ";", "|", "&"].map((sign) => before.lastIndexOf(sign))) + 1);
  const second =
    /(?:^|\s|\()(eval|(?:ba|da|z|k|a)?sh\s(?:.*\s)?-\w*c|ssh|su|python3?\s+-c|node\s+-e|perl\s+-\w*e|awk|trap|let)\s/.exec(
      command,
    )?.[1];
  if (second !== undefined) return `the text that \`${second}\` reads as code`;
  const [after = ""] = text.slice(slot.end, slot.end + maxContext).split("\n", 1);
  const line = `${before.slice(before.lastIndexOf("\n") + 1)} ${after}`;
  if (/\[\[.*\s-(?:eq|ne|lt|le|gt|ge|v)\s.*\]\]/.test(line))
    return "a numeric comparison in `[[ ]]`, which the shell evaluates as code";
  return undefined;
}

function refusal(slot: Slot, place: string): TemplateProblem {
  const { start, end, name } = slot;
  return {
    start,
    end,
    code: "workflow-injection",
    message: `\`${name}\` is not allowed in ${place}.`,
    help: `Add a variable for \`{{ ${name} }}\` to \`env:\`, and read that variable.`,
  };
}
