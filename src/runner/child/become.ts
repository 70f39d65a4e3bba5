import { readFileSync } from "node:fs";
import { SluiceError, messageOf } from "../../model/index.ts";
import type { RunnerUser } from "./messages.ts";
import { userName } from "./user-name.ts";

declare global {
  namespace NodeJS {
    interface Process {
      /** https://nodejs.org/api/process.html#processinitgroupsuser-extragroup; the types do not know it. */
      initgroups?(user: string, extraGroup: number): void;
    }
  }
}

/**
 * Makes this process, which root started, another user's, with that user's groups and no way back.
 *
 * It must not start another program first: the kernel lets nobody but root look into a process that has changed its user
 * by itself (proc(5), PR_SET_DUMPABLE), and forgets that at the next execve. So the token in this process's memory is
 * safe from the jobs, though they are the same user.
 *
 * @throws SluiceError `runner-user` when the system does not allow it, or anything of root's power would be left.
 */
export function become(user: RunnerUser): void {
  const { setgid, setgroups, setuid, initgroups } = process;
  if (setgid === undefined || setgroups === undefined || setuid === undefined || initgroups === undefined)
    throw new SluiceError("runner-user", "This system has no users to change to.");
  try {
    if (user.name === undefined) setgroups([user.gid]);
    else initgroups(user.name, user.gid);
    setgid(user.gid);
    setuid(user.uid);
  } catch (error) {
    throw new SluiceError("runner-user", `The runner cannot become ${userName(user)}: ${messageOf(error)}`, {
      help: "Give the server's process the capabilities SETUID and SETGID, or start it as the user that jobs shall have.",
      cause: error,
    });
  }
  if (isBack() || hasCapabilities())
    throw new SluiceError("runner-user", `The runner became ${userName(user)} and could still act as root.`, {
      help: "Start the server as the user that jobs shall have.",
    });
}

function isBack(): boolean {
  try {
    process.setuid?.(0);
    return true;
  } catch {
    // As it must be.
    return false;
  }
}

/** Capabilities can outlive the change where a container keeps them on purpose. */
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
