import { type Command, InvalidArgumentError, Option } from "commander";
import { serverAddress } from "./address.ts";

export interface RunnerCommandOptions {
  readonly server: string;
  readonly token?: string;
  readonly labels?: readonly string[];
  readonly capacity?: number;
  readonly name?: string;
  readonly once?: boolean;
  readonly work: string;
  readonly backend: "host" | "dummy";
}

export function register(program: Command): void {
  program
    .command("runner")
    .description("run jobs of a server on this machine")
    .requiredOption("--server <url>", "the server's address", serverAddress)
    .option(
      "--token <token>",
      "a token of role runner, needed the first time (default: SLUICE_TOKEN of the environment); the runner's own is kept in its work folder",
    )
    .option(
      "--labels <labels>",
      "labels that jobs may ask for, separated by commas (default: the usual ones of this machine)",
      list,
    )
    .option("--capacity <n>", "jobs at once (default: the number of cores, 2 at least)", count)
    .option("--name <name>", "what it is called (default: the machine's name)")
    .option("--once", "take one job, run it, and end")
    .option("--work <dir>", "folder for jobs and the runner's own token", ".sluice-runner")
    .addOption(new Option("--backend <name>", "what runs the steps").choices(["host", "dummy"]).default("host"))
    .action(async (options: RunnerCommandOptions) => {
      const { runRunner } = await import("./runner/run.ts");
      await runRunner(options);
    });
}

function list(text: string): readonly string[] {
  const labels = text.split(",").map((each) => each.trim());
  if (labels.some((each) => each === "" || /\s/.test(each))) throw new InvalidArgumentError("write labels as a,b,c.");
  return labels;
}

function count(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > 256)
    throw new InvalidArgumentError("give a number from 1 to 256.");
  return number;
}
