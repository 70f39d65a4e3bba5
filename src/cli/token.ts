import { type Command, Option } from "commander";
import type { AdminOptions } from "./admin.ts";
import { addAdminOptions } from "./repo.ts";

export interface TokenOptions extends AdminOptions {
  readonly role: "admin" | "writer" | "viewer" | "runner";
}

export function register(program: Command): void {
  const token = program.command("token").description("create, list and revoke tokens");
  addAdminOptions(
    token
      .command("create")
      .description("create a token and print it once; the token is the only output on stdout")
      .argument("<name>", "a name that says who uses it"),
  )
    .addOption(
      new Option(
        "--role <role>",
        "viewer: read; writer: push, cancel and start runs; admin: everything; runner: register a runner",
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
