import { accessSync, constants, statSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { SluiceError } from "../../model/index.ts";
import type { RunnerUser } from "./messages.ts";
import { userName } from "./user-name.ts";

/**
 * Looks whether this process can use the program, its Node (actions in JavaScript run on it) and these folders.
 * @throws SluiceError `runner-user` that names what stands in the way.
 */
export function checkReach(user: RunnerUser, folders: readonly string[]): void {
  const obstacle = blocked(process.execPath, constants.X_OK) ?? blocked(fileURLToPath(import.meta.url), constants.R_OK) ?? folders.map((folder) => blocked(folder, constants.X_OK)).find((each) => each !== undefined);
  if (obstacle === undefined) return;
  throw new SluiceError("runner-user", `Jobs run as ${userName(user)}, who ${obstacle}.`, {
    help: "Install Sluice and keep its data where that user gets through (below /opt and /var/lib, say), or name another user with `runner.user`; `runner: { user: root }` lets jobs run as root, who can read everything of the server.",
  });
}

/** What keeps this process from a path: the outermost folder that it may not enter, or the thing itself. */
function blocked(path: string, mode: number): string | undefined {
  const around = dirname(path);
  const outer = around === path ? undefined : blocked(around, constants.X_OK);
  if (outer !== undefined || may(path, mode)) return outer;
  const stat = statSync(path, { throwIfNoEntry: false });
  const found = stat === undefined ? "which is not there" : `mode ${(stat.mode & 0o7777).toString(8).padStart(4, "0")}`;
  return `cannot ${stat?.isDirectory() === true ? "enter" : mode === constants.X_OK ? "run" : "read"} ${path} (${found})`;
}

function may(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    // Why does not matter: the one who asks describes it.
    return false;
  }
}
