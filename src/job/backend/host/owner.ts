import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const file = ".owner";

/** Notes in a folder which process it belongs to, so that a later life can tell whether it is abandoned. */
export function writeOwner(folder: string): void {
  own ??= `${process.pid} ${startOf(process.pid) ?? ""}`;
  writeFileSync(join(folder, file), own);
}

let own: string | undefined;

/** A folder that is just being made has no note yet. */
const makingMs = 60_000;

/** True when the process that the folder belongs to is gone. */
export function isAbandoned(folder: string): boolean {
  let note: string;
  try {
    note = readFileSync(join(folder, file), "utf8");
  } catch {
    // Never finished: abandoned as soon as it cannot be in the making any more.
    const made = statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY;
    return Date.now() - made > makingMs;
  }
  const [id = "", start = ""] = note.split(" ");
  const pid = Number(id);
  if (!Number.isInteger(pid) || pid <= 0) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
  // The id may have been given to another process since: the start time tells them apart, where there is one.
  return start !== "" && startOf(pid) !== start;
}

/** When a process started, in clock ticks since boot; undefined where there is no /proc. */
function startOf(pid: number): string | undefined {
  return statOf(pid)?.[19];
}

/** The fields of `/proc/<pid>/stat` after the name, which may hold anything: index 0 is the state, 1 the parent, 2 the group, 4 the terminal, 19 the start time. */
export function statOf(pid: number): readonly string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}
