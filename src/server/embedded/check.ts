import { existsSync } from "node:fs";
import { dirname } from "node:path";
import type { Config } from "../../config/index.ts";
import { userName } from "../../runner/index.ts";
import { probeAs } from "./once.ts";
import { jobUser } from "./user.ts";

/**
 * The user that would run jobs with this configuration; undefined for the server's own user. Changes nothing. Rejects
 * with `runner-user`, or `config-invalid`, for whatever would keep the server from starting.
 */
export async function checkJobUser(config: Config): Promise<string | undefined> {
  const user = await jobUser(config.runner);
  if (user === undefined) return undefined;
  // The server makes the data folder itself passable when it starts; its parents are not the server's. They may not
  // exist yet.
  let around = dirname(config.data);
  while (!existsSync(around)) around = dirname(around);
  await probeAs(user, [around]);
  return userName(user);
}
