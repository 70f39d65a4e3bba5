import type { Command } from "commander";
import type { AdminOptions } from "./admin.ts";
import { addAdminOptions } from "./repo.ts";

export function register(program: Command): void {
  const schedule = program.command("schedule").description("list schedules");
  addAdminOptions(
    schedule
      .command("list")
      .description("list the schedules of all repositories, next due first, and the reasons why others never run"),
  )
    .option("--json", "print JSON")
    .action(async (options: AdminOptions & { readonly json?: boolean }) => {
      const { listSchedules } = await import("./schedule/commands.ts");
      await listSchedules(options);
    });
}
