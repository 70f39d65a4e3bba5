import { closeSync, readdirSync, readFileSync } from "node:fs";

/** open(2): it is closed when another program starts. */
const closeOnExec = 0o2000000;

/**
 * Closes what this process was handed open besides its standard streams: whoever started the server (a shell, a supervisor)
 * may have left files open, and a step would get them as well, with whatever rights they were opened with. What Node opens
 * itself is never handed on, which tells the two apart (proc_pid_fdinfo(5)).
 */
export function closeInherited(): void {
  let open: number[];
  try {
    open = readdirSync("/proc/self/fd").map(Number);
  } catch {
    // Not Linux: Node keeps the lowest ones from steps by itself.
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
