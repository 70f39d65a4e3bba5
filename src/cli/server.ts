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
    .option("--config <file>", "configuration (default: sluice.yaml, where there is one)")
    .option("--data <dir>", "folder of everything that is kept (default: .sluice-data)")
    .option("--listen <host:port>", "where to listen (default: 127.0.0.1:8420)")
    .option("--database <url>", "postgres://… instead of the SQLite file in the data folder")
    .action(async (options: ServerOptions) => {
      const { serve } = await import("./server/serve.ts");
      await serve(options);
    });
}
