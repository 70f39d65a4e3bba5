import type { Command } from "commander";

export interface DoctorOptions {
  readonly config?: string;
  readonly data?: string;
  readonly listen?: string;
  readonly json?: boolean;
}

export function register(program: Command): void {
  program
    .command("doctor")
    .description("find what keeps a server from working here, and how to fix it; exit 1 if something is wrong")
    .option("--config <file>", "configuration file (default: sluice.yaml, if it exists)")
    .option("--data <dir>", "the data folder")
    .option("--listen <host:port>", "address the server will listen on")
    .option("--json", "print JSON")
    .action(async (options: DoctorOptions) => {
      const { diagnose } = await import("./doctor/diagnose.ts");
      process.exitCode = await diagnose(options);
    });
}
