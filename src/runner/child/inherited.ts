import { closeSync, readdirSync, readFileSync } from "node:fs";

/** open(2): closed when another program starts. */
const closeOnExec = 0o2000000;

/**
 * Closes files inherited by this process, except its standard streams: whoever started the server (a shell, a
 * supervisor) may have left files open, and a step would inherit them with their access rights. Files that Node opens
 * itself are never inherited, which distinguishes the two (proc_pid_fdinfo(5)).
 */
export function closeInherited(): void {
  let open: number[];
  try {
    open = readdirSync("/proc/self/fd").map(Number);
  } catch {
    // Not Linux: Node itself keeps the lowest ones from steps.
    return;
  }
  for (const fd of open) {
    if (fd <= 2) continue;
    try {
      const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "latin1"))?.[1];
      if (flags !== undefined && (Number.parseInt(flags, 8) & closeOnExec) === 0) closeSync(fd);
    } catch {
      // It was the listing's own, and is closed by now.
    }
  }
}
