import { readFileSync } from "node:fs";
import { SluiceError, messageOf } from "../../model/index.ts";
import type { RunnerUser } from "./messages.ts";
import { userName } from "./user-name.ts";

declare global {
  namespace NodeJS {
    interface Process {
      /** https://nodejs.org/api/process.html#processinitgroupsuser-extragroup; missing in the types. */
      initgroups?(user: string, extraGroup: number): void;
    }
  }
}

/**
 * Switches this process from root to another user, with that user's groups and no way back.
 *
 * It must not start another program first: the kernel lets only root inspect a process that has changed its own user
 * (proc(5), PR_SET_DUMPABLE), and forgets that at the next execve. So jobs cannot read the token in this process's
 * memory, although they run as the same user.
 *
 * @throws SluiceError `runner-user` if the system does not allow it, or if any root power would remain.
 */
export function become(user: RunnerUser): void {
  const { setgid, setgroups, setuid, initgroups } = process;
  if (setgid === undefined || setgroups === undefined || setuid === undefined || initgroups === undefined)
    throw new SluiceError("runner-user", "This system does not support switching users.");
  try {
    if (user.name === undefined) setgroups([user.gid]);
    else initgroups(user.name, user.gid);
    setgid(user.gid);
    setuid(user.uid);
  } catch (error) {
    throw new SluiceError("runner-user", `The runner cannot switch to ${userName(user)}: ${messageOf(error)}`, {
      help: "Give the server's process the capabilities SETUID and SETGID, or start it as the user that should run jobs.",
      cause: error,
    });
  }
  if (isBack() || hasCapabilities())
    throw new SluiceError("runner-user", `The runner switched to ${userName(user)} but could still act as root.`, {
      help: "Start the server as the user that should run jobs.",
    });
}

function isBack(): boolean {
  try {
    process.setuid?.(0);
    return true;
  } catch {
    // As expected.
    return false;
  }
}

/** Capabilities can survive the switch if a container keeps them on purpose. */
function hasCapabilities(): boolean {
  let status: string;
  try {
    status = readFileSync("/proc/self/status", "latin1");
  } catch {
    // Not Linux: there are none.
    return false;
  }
  return /^Cap(?:Prm|Eff|Amb):\s*0*[1-9a-f]/m.test(status);
}
