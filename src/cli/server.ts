import type { Command } from "commander";

export interface ServerOptions {
  readonly config?: string;
  readonly data?: string;
  readonly listen?: string;
  readonly database?: string;
}

export function register(program: Command): void {
  program
    .command("server")
    .description("run the server: pipelines, page, API and git over HTTP")
    .option("--config <file>", "configuration file (default: sluice.yaml, if it exists)")
    .option("--data <dir>", "data folder (default: .sluice-data)")
    .option("--listen <host:port>", "address to listen on (default: 127.0.0.1:8420)")
    .option("--database <url>", "postgres://… instead of the SQLite file in the data folder")
    .action(async (options: ServerOptions) => {
      const { serve } = await import("./server/serve.ts");
      await serve(options);
    });
}
