import type { Command } from "commander";
import { exitCode } from "./exit.ts";
import { type EventOptions, addEventOptions, secretPair } from "./run/options.ts";

interface RunOptions extends EventOptions {
  readonly job?: string;
  readonly secret?: Readonly<Record<string, string>>;
  readonly backend: string;
  readonly artifacts?: string;
  readonly json?: boolean;
}

export function register(program: Command): void {
  addEventOptions(
    program
      .command("run")
      .description("run the workflows of a working tree without a server")
      .argument("[file...]", "workflow files or folders (default: every workflow in the tree that the event starts)"),
  )
    .option("--job <id>", "run only this job and the jobs it needs")
    .option(
      "--secret <key=value>",
      "a secret; a key alone reads its value from the environment (repeatable)",
      secretPair,
    )
    .option("--backend <name>", "what runs the steps: host or dummy", "host")
    .option("--artifacts <dir>", "keep the artifacts in this folder (default: discard them after the run)")
    .option("--json", "print the run as NDJSON")
    .action(async (files: string[], options: RunOptions) => {
      // git inspects the tree while the rest loads.
      const { inspectTree, treeOf } = await import("./run/tree.ts");
      const tree = inspectTree(treeOf(options, files));
      const { runLocally } = await import("./run/local.ts");
      process.exitCode = exitCode[await runLocally(files, options, tree)];
    });
}
