import { existsSync } from "node:fs";
import { dirname } from "node:path";
import type { Config } from "../../config/index.ts";
import { userName } from "../../runner/index.ts";
import { probeAs } from "./once.ts";
import { jobUser } from "./user.ts";

/**
 * Whom jobs of a server with this configuration would run as; undefined for the server's own user. Changes nothing.
 * Rejects with `runner-user`, or `config-invalid`, for what would keep the server from starting.
 */
export async function checkJobUser(config: Config): Promise<string | undefined> {
  const user = await jobUser(config.runner);
  if (user === undefined) return undefined;
  // The data folder itself is made passable when the server starts; those around it are not the server's. They may have to be made.
  let around = dirname(config.data);
  while (!existsSync(around)) around = dirname(around);
  await probeAs(user, [around]);
  return userName(user);
}
