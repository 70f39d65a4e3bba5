import { closeSync, constants, openSync, readFileSync, readSync, statSync, writeFileSync } from "node:fs";
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
  const note = readOwner(folder);
  if (note !== undefined) return !isAlive(note);
  // Never finished: abandoned as soon as it cannot be in the making any more.
  const made = statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY;
  return Date.now() - made > makingMs;
}

/** Kills the process that the folder belongs to, if it lives and is another than this one. */
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
    // A step may have left anything under that name: a pipe must not be waited for, nor a large file be read.
    note = openSync(join(folder, file), constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    const bytes = Buffer.alloc(noteBytes);
    const [id = "", start = ""] = bytes.toString("utf8", 0, readSync(note, bytes)).split(" ");
    return { pid: Number(id), start };
  } catch {
    // It is just being made, or was never finished.
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
  // The id may have been given to another process since: the start time tells them apart, where there is one.
  return start === "" || startOf(pid) === start;
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
