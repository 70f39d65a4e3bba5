import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { statOf } from "./owner.ts";

/** The variable that marks every process of a job, as in GitHub's runner. */
export const markerName = "RUNNER_TRACKING_ID";

/** What identifies processes of a job. */
export interface Traces {
  /** The value of the marker variable. */
  readonly marker: string;
  /** The job's folder, resolved. */
  readonly folder: string;
  /** Process groups of steps that still had members when the step ended. */
  readonly groups: ReadonlySet<number>;
  /**
   * Processes that existed before the job: skipped. Reading the traces of each costs milliseconds on a busy machine.
   */
  readonly others?: ReadonlySet<number>;
}

/**
 * Kills every process that carries one of the traces, until none is left: the next round finds a process that forks
 * during the search. Returns the number killed.
 */
export function killLeftovers(traces: Traces): number {
  let killed = 0;
  for (const group of traces.groups) if (kill(-group)) killed += 1;
  for (let round = 0; round < 20; round += 1) {
    const found = findProcesses(traces);
    if (found.length === 0) break;
    for (const pid of found) if (kill(pid)) killed += 1;
  }
  return killed;
}

function kill(pid: number): boolean {
  try {
    process.kill(pid, "SIGKILL");
    return true;
  } catch {
    // Already gone, or not ours: nothing to do.
    return false;
  }
}

/** Whether a process group has a member that is not a zombie; always true without /proc. */
export function groupWorks(group: number): boolean {
  const pids = processes();
  if (pids === undefined) return true;
  return pids.some((pid) => {
    const stat = statOf(pid);
    return stat?.[2] === String(group) && stat[0] !== "Z";
  });
}

function findProcesses(traces: Traces): number[] {
  const marker = Buffer.from(`${markerName}=${traces.marker}\0`);
  return (processes() ?? []).filter(
    (pid) => pid > 1 && pid !== process.pid && traces.others?.has(pid) !== true && belongs(pid, marker, traces),
  );
}

/** The ids of all processes; undefined without /proc. */
export function processes(): number[] | undefined {
  try {
    return readdirSync("/proc")
      .map(Number)
      .filter((pid) => pid > 0);
  } catch {
    // Not Linux: only the groups are known.
    return undefined;
  }
}

function belongs(pid: number, marker: Buffer, traces: Traces): boolean {
  try {
    if (!carries(readFileSync(`/proc/${pid}/environ`), marker) && !works(pid, traces.folder)) return false;
  } catch {
    // Another user's process, or gone.
    return false;
  }
  // Already killed and waiting for its parent: it would be found forever.
  return statOf(pid)?.[0] !== "Z";
}

function carries(environ: Buffer, marker: Buffer): boolean {
  const at = environ.indexOf(marker);
  return at === 0 || (at > 0 && environ[at - 1] === 0);
}

/**
 * True for a daemon that cleared its environment but still works in the job's folder. A person's shell there has a
 * terminal.
 */
function works(pid: number, folder: string): boolean {
  const cwd = readlinkSync(`/proc/${pid}/cwd`);
  return (cwd === folder || cwd.startsWith(`${folder}/`)) && statOf(pid)?.[4] === "0";
}
