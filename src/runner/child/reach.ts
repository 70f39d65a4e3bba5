import { accessSync, constants, statSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { SluiceError } from "../../model/index.ts";
import type { RunnerUser } from "./messages.ts";
import { userName } from "./user-name.ts";

/** The bit of a folder in which only the owner of a file may rename it. */
const sticky = 0o1000;

/**
 * Looks whether this process can use the program and its Node (actions in JavaScript run on it), gets into these folders,
 * and could not put something else in the place of what they hold.
 * @throws SluiceError `runner-user` that names what stands in the way.
 */
export function checkReach(user: RunnerUser, folders: readonly string[]): void {
  const obstacle =
    blocked(process.execPath, constants.X_OK) ??
    blocked(fileURLToPath(import.meta.url), constants.R_OK) ??
    first(folders, (folder) => blocked(folder, constants.X_OK));
  if (obstacle !== undefined) {
    throw new SluiceError("runner-user", `Jobs run as ${userName(user)}, who ${obstacle}.`, {
      help: "Install Sluice and keep its data where that user gets through (below /opt and /var/lib, say), or name another user with `runner.user`; `runner: { user: root }` lets jobs run as root, who can read everything of the server.",
    });
  }
  const open = first(folders, (folder) => replaceable(folder, user.uid));
  if (open === undefined) return;
  throw new SluiceError(
    "runner-user",
    `Jobs run as ${userName(user)}, who can write to ${open} and so put another data folder in the place of the server's.`,
    {
      help: `Take that right away (\`chmod go-w ${open}\`), or keep the data somewhere else.`,
    },
  );
}

function first(folders: readonly string[], look: (folder: string) => string | undefined): string | undefined {
  return folders.map(look).find((each) => each !== undefined);
}

/** The innermost of this folder and those around it in which this process could rename what is there: one that it may write to, unless only owners may rename there (as in /tmp). */
function replaceable(folder: string, uid: number): string | undefined {
  const stat = statSync(folder);
  const ownersOnly = (stat.mode & sticky) !== 0 && stat.uid !== uid;
  if (may(folder, constants.W_OK) && !ownersOnly) return folder;
  const around = dirname(folder);
  return around === folder ? undefined : replaceable(around, uid);
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
