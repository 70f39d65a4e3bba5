import type { Command } from "commander";
import { serverAddress } from "./address.ts";
import type { AdminOptions } from "./admin.ts";

/** Adds the options that select a server. */
export function addAdminOptions(command: Command): Command {
  return command
    .option(
      "--server <url>",
      "use this server, over HTTP (default: the one on the data folder, running or not)",
      serverAddress,
    )
    .option("--token <token>", "an admin token for --server (default: $SLUICE_TOKEN)")
    .option("--config <file>", "configuration file that names the data folder (default: sluice.yaml, if it exists)")
    .option("--data <dir>", "the data folder");
}

export function register(program: Command): void {
  const repo = program.command("repo").description("attach, list and remove repositories");
  addAdminOptions(
    repo
      .command("add")
      .description("attach a bare git repository on the server's machine; its pushes then start runs")
      .argument("<path>", "the bare repository"),
  )
    .option("--name <name>", "its name, `name` or `owner/name` (default: the folder's name without .git)")
    .action(async (path: string, options: AdminOptions & { readonly name?: string }) => {
      const { addRepository } = await import("./repo/commands.ts");
      await addRepository(path, options);
    });
  addAdminOptions(repo.command("list").description("list the repositories"))
    .option("--json", "print JSON")
    .action(async (options: AdminOptions & { readonly json?: boolean }) => {
      const { listRepositories } = await import("./repo/commands.ts");
      await listRepositories(options);
    });
  addAdminOptions(
    repo
      .command("remove")
      .description("remove a repository and its runs; the files of an attached repository stay")
      .argument("<name>", "the repository"),
  ).action(async (name: string, options: AdminOptions) => {
    const { removeRepository } = await import("./repo/commands.ts");
    await removeRepository(name, options);
  });
}
