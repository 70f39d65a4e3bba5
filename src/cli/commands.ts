import { Command } from "commander";
import { version } from "../model/index.ts";
import * as demo from "./demo.ts";
import * as doctor from "./doctor.ts";
import * as lint from "./lint.ts";
import * as plan from "./plan.ts";
import * as repo from "./repo.ts";
import * as run from "./run.ts";
import * as runner from "./runner.ts";
import * as schedule from "./schedule.ts";
import * as server from "./server.ts";
import * as token from "./token.ts";

/** Every command there is, in the order of the help text. The files are thin: what they do is loaded when they run. */
const commands = [run, lint, plan, server, runner, repo, schedule, token, demo, doctor];

/** Builds the parser with all commands registered. Also what the reference is generated from. */
export async function createProgram(): Promise<Command> {
  const program = new Command("sluice")
    .description("Carries a commit from push to production: runs the pipelines you already have.")
    .version(version, "-V, --version", "print the version")
    .exitOverride()
    .showHelpAfterError("(sluice --help shows the usage)")
    .configureHelp({ sortSubcommands: false });
  for (const command of commands) command.register(program);
  for (const command of program.commands) command.exitOverride();
  return program;
}
