import { type Command, Option } from "commander";
import type { AdminOptions } from "./admin.ts";
import { addAdminOptions } from "./repo.ts";

export interface TokenOptions extends AdminOptions {
  readonly role: "admin" | "writer" | "viewer" | "runner";
}

export function register(program: Command): void {
  const token = program.command("token").description("make, list and revoke tokens");
  addAdminOptions(
    token
      .command("create")
      .description("make a token and print it, this once; on standard output stands the token alone")
      .argument("<name>", "whose it is, for people"),
  )
    .addOption(
      new Option(
        "--role <role>",
        "viewer reads; writer pushes, cancels and starts runs; admin does all; runner lets a runner register",
      )
        .choices(["viewer", "writer", "admin", "runner"])
        .default("writer"),
    )
    .action(async (name: string, options: TokenOptions) => {
      const { createToken } = await import("./token/commands.ts");
      await createToken(name, options);
    });
  addAdminOptions(token.command("list").description("list the tokens, without their secrets")).action(
    async (options: AdminOptions) => {
      const { listTokens } = await import("./token/commands.ts");
      await listTokens(options);
    },
  );
  addAdminOptions(
    token
      .command("revoke")
      .description("revoke a token at once")
      .argument("<id>", "the token's id, from `sluice token list`"),
  ).action(async (id: string, options: AdminOptions) => {
    const { revokeToken } = await import("./token/commands.ts");
    await revokeToken(id, options);
  });
}
