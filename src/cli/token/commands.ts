import { openAdministration, type AdminOptions } from "../admin.ts";
import { table } from "../table.ts";
import type { TokenOptions } from "../token.ts";

export async function createToken(name: string, options: TokenOptions): Promise<void> {
  const administration = await openAdministration(options);
  try {
    const made = await administration.createToken({ name, role: options.role });
    process.stdout.write(`${made.token}\n`);
    process.stderr.write(`This token is shown only once. Revoke it with \`sluice token revoke ${made.id}\`.\n`);
  } finally {
    await administration.close();
  }
}

export async function listTokens(options: AdminOptions): Promise<void> {
  const administration = await openAdministration(options, { folder: true });
  try {
    process.stdout.write(
      table(
        ["ID", "NAME", "ROLE", "CREATED"],
        (await administration.tokens()).map((each) => [each.id, each.name, each.role, each.createdAt]),
      ),
    );
  } finally {
    await administration.close();
  }
}

export async function revokeToken(id: string, options: AdminOptions): Promise<void> {
  const administration = await openAdministration(options, { folder: true });
  try {
    await administration.removeToken(id);
    process.stdout.write(`Revoked ${id}.\n`);
  } finally {
    await administration.close();
  }
}
