import { accessSync, constants, statSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { SluiceError } from "../../model/index.ts";
import type { RunnerUser } from "./messages.ts";
import { userName } from "./user-name.ts";

/** The permission bit of a folder in which only a file's owner can rename it. */
const sticky = 0o1000;

/**
 * Checks that this process can use the program and its Node (JavaScript actions run on it), can enter these folders,
 * and cannot replace what they contain.
 * @throws SluiceError `runner-user` that names the obstacle.
 */
export function checkReach(user: RunnerUser, folders: readonly string[]): void {
  const obstacle =
    blocked(process.execPath, constants.X_OK) ??
    blocked(fileURLToPath(import.meta.url), constants.R_OK) ??
    first(folders, (folder) => blocked(folder, constants.X_OK));
  if (obstacle !== undefined) {
    throw new SluiceError("runner-user", `Jobs run as ${userName(user)}, who ${obstacle}.`, {
      help: "Install Sluice and keep its data where that user has access (for example below /opt and /var/lib), or name another user with `runner.user`. With `runner: { user: root }` jobs run as root and can read everything the server has.",
    });
  }
  const open = first(folders, (folder) => replaceable(folder, user.uid));
  if (open === undefined) return;
  throw new SluiceError(
    "runner-user",
    `Jobs run as ${userName(user)}, who can write to ${open} and could replace the server's data folder.`,
    {
      help: `Remove that permission (\`chmod go-w ${open}\`), or keep the data elsewhere.`,
    },
  );
}

function first(folders: readonly string[], look: (folder: string) => string | undefined): string | undefined {
  return folders.map(look).find((each) => each !== undefined);
}

/**
 * The innermost of this folder and its parents in which this process could rename entries: one that it can write to,
 * unless only owners can rename there (as in /tmp).
 */
function replaceable(folder: string, uid: number): string | undefined {
  const stat = statSync(folder);
  const ownersOnly = (stat.mode & sticky) !== 0 && stat.uid !== uid;
  if (may(folder, constants.W_OK) && !ownersOnly) return folder;
  const around = dirname(folder);
  return around === folder ? undefined : replaceable(around, uid);
}

/** What keeps this process from a path: the outermost folder that it cannot enter, or the path itself. */
function blocked(path: string, mode: number): string | undefined {
  const around = dirname(path);
  const outer = around === path ? undefined : blocked(around, constants.X_OK);
  if (outer !== undefined || may(path, mode)) return outer;
  const stat = statSync(path, { throwIfNoEntry: false });
  const found =
    stat === undefined ? "which does not exist" : `mode ${(stat.mode & 0o7777).toString(8).padStart(4, "0")}`;
  return `cannot ${stat?.isDirectory() === true ? "enter" : mode === constants.X_OK ? "run" : "read"} ${path} (${found})`;
}

function may(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    // The reason does not matter: the caller describes it.
    return false;
  }
}
