import { type Command, InvalidArgumentError } from "commander";

/** The options of `run` and `plan` that describe the event. */
export interface EventOptions {
  readonly dir?: string;
  readonly event: string;
  readonly eventFile?: string;
  readonly input?: Readonly<Record<string, string>>;
  readonly var?: Readonly<Record<string, string>>;
}

/** Adds the options that describe the event. */
export function addEventOptions(command: Command): Command {
  return command
    .option(
      "--dir <dir>",
      "the working tree (default: the current folder, or the repository that contains the named file)",
    )
    .option("--event <name>", "the event: push, tag, pull_request, workflow_dispatch, schedule, release …", "push")
    .option("--event-file <file.json>", "the event's payload, as the forge would send it")
    .option("--input <key=value>", "an input of a manual event (repeatable)", pair)
    .option("--var <key=value>", "a repository variable (repeatable)", pair);
}

/** Collects `key=value` options. */
export function pair(text: string, previous: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError(`write it as key=value, not "${text}".`);
  return { ...previous, [text.slice(0, at)]: text.slice(at + 1) };
}

/**
 * Collects secrets: `key=value`, or `key` alone to read the value from the environment, which keeps it out of the
 * process list.
 */
export function secretPair(
  text: string,
  previous: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  if (text.includes("=")) return pair(text, previous);
  const value = process.env[text];
  if (value === undefined)
    throw new InvalidArgumentError(`the environment has no variable ${text}; set it, or write key=value.`);
  return { ...previous, [text]: value };
}
