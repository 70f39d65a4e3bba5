import { type Command, InvalidArgumentError } from "commander";
import type { AdminOptions } from "./admin.ts";
import { addAdminOptions } from "./repo.ts";

export interface AuditOptions extends AdminOptions {
  readonly limit: number;
  readonly before?: string;
  readonly json?: boolean;
}

export function register(program: Command): void {
  addAdminOptions(
    program.command("audit").description("show who did what, newest first: runs, schedules, tokens, repositories"),
  )
    .option("--limit <number>", "number of entries, 1 to 500", readLimit, 50)
    .option("--before <id>", "entries older than this one: `next` of the JSON before")
    .option("--json", "print JSON")
    .action(async (options: AuditOptions) => {
      const { showAudit } = await import("./audit/commands.ts");
      await showAudit(options);
    });
}

function readLimit(text: string): number {
  const limit = Number(text);
  if (!/^\d+$/.test(text) || limit < 1 || limit > 500) throw new InvalidArgumentError("write a number from 1 to 500.");
  return limit;
}
