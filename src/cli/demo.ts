import type { Command } from "commander";
import { exitCode } from "./exit.ts";

export interface DemoOptions {
  readonly data?: string;
  readonly listen?: string;
  readonly once?: boolean;
}

export function register(program: Command): void {
  program
    .command("demo")
    .description("start a server with a sample project, push a commit to it, and show the run")
    .option("--data <dir>", "data folder (default: .sluice-data)")
    .option("--listen <host:port>", "address to listen on (default: 127.0.0.1:8420)")
    .option("--once", "wait for the run, print its result, and exit")
    .action(async (options: DemoOptions) => {
      const { demonstrate } = await import("./demo/demonstrate.ts");
      process.exitCode = exitCode[await demonstrate(options)];
    });
}
