import { Command } from "commander";
import { version } from "../model/index.ts";
import * as audit from "./audit.ts";
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

/** Every command, in the order of the help text. The files are thin: each loads its implementation when it runs. */
const commands = [run, lint, plan, server, runner, repo, schedule, token, audit, demo, doctor];

/** Builds the parser with all commands registered. The reference is generated from it too. */
export async function createProgram(): Promise<Command> {
  const program = new Command("sluice")
    .description("Carries a commit from push to production: runs the pipelines you already have.")
    .version(version, "-V, --version", "print the version")
    .exitOverride()
    .showHelpAfterError("(run sluice --help for usage)")
    .configureHelp({ sortSubcommands: false });
  for (const command of commands) command.register(program);
  for (const command of program.commands) command.exitOverride();
  return program;
}
