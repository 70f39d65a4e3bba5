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
    .description("look for what keeps a server from working here, and say what to do; exit 1 when something is wrong")
    .option("--config <file>", "configuration (default: sluice.yaml, where there is one)")
    .option("--data <dir>", "the data folder")
    .option("--listen <host:port>", "where the server shall listen")
    .option("--json", "print JSON")
    .action(async (options: DoctorOptions) => {
      const { diagnose } = await import("./doctor/diagnose.ts");
      process.exitCode = await diagnose(options);
    });
}
