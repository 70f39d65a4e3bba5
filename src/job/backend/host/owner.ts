import { closeSync, constants, openSync, readFileSync, readSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const file = ".owner";

/** Records in a folder which process owns it, so that a later life can tell whether it is abandoned. */
export function writeOwner(folder: string): void {
  own ??= `${process.pid} ${startOf(process.pid) ?? ""}`;
  writeFileSync(join(folder, file), own);
}

let own: string | undefined;

/** A folder that is just being created has no owner file yet. */
const makingMs = 60_000;

/** Whether the owning process is gone. */
export function isAbandoned(folder: string): boolean {
  const note = readOwner(folder);
  if (note !== undefined) return !isAlive(note);
  // Never finished: abandoned once it is too old to be in creation.
  const made = statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY;
  return Date.now() - made > makingMs;
}

/** Kills the owning process, if it is alive and not this one. */
export function killOwner(folder: string): void {
  const note = readOwner(folder);
  if (note === undefined || note.pid === process.pid || !isAlive(note)) return;
  try {
    process.kill(note.pid, "SIGKILL");
  } catch {
    // Gone this moment, or somebody else's: the note may hold anything.
  }
}

/** Two numbers and a space. */
const noteBytes = 64;

interface Owner {
  readonly pid: number;
  readonly start: string;
}

function readOwner(folder: string): Owner | undefined {
  let note: number | undefined;
  try {
    // A step may have put anything there: do not wait for a pipe, and do not read a large file.
    note = openSync(join(folder, file), constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    const bytes = Buffer.alloc(noteBytes);
    const [id = "", start = ""] = bytes.toString("utf8", 0, readSync(note, bytes)).split(" ");
    return { pid: Number(id), start };
  } catch {
    // Just being created, or never finished.
    return undefined;
  } finally {
    if (note !== undefined) closeSync(note);
  }
}

function isAlive({ pid, start }: Owner): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  // The id may belong to another process by now: the start time distinguishes them, if there is one.
  return start === "" || startOf(pid) === start;
}

/** When a process started, in clock ticks since boot; undefined without /proc. */
function startOf(pid: number): string | undefined {
  return statOf(pid)?.[19];
}

/**
 * The fields of `/proc/<pid>/stat` after the name, which can contain anything: index 0 is the state, 1 the parent, 2
 * the group, 4 the terminal, 19 the start time.
 */
export function statOf(pid: number): readonly string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}
