import { type Command, InvalidArgumentError, Option } from "commander";
import type { BackendName } from "../job/index.ts";
import { serverAddress } from "./address.ts";

export interface RunnerCommandOptions {
  readonly server: string;
  readonly token?: string;
  readonly labels?: readonly string[];
  readonly capacity?: number;
  readonly name?: string;
  readonly once?: boolean;
  readonly work: string;
  readonly backend: BackendName;
}

export function register(program: Command): void {
  program
    .command("runner")
    .description("run jobs for a server on this machine")
    .requiredOption("--server <url>", "the server's URL", serverAddress)
    .option(
      "--token <token>",
      "a token with the role runner, needed the first time (default: $SLUICE_TOKEN); the runner stores its own in its work folder",
    )
    .option(
      "--labels <labels>",
      "labels that jobs can ask for, separated by commas (default: this machine's usual labels)",
      list,
    )
    .option("--capacity <n>", "jobs at once (default: the number of cores, at least 2)", count)
    .option("--name <name>", "the runner's name (default: the machine's name)")
    .option("--once", "run one job and exit")
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
