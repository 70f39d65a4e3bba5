import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, statSync } from "node:fs";
import { Socket } from "node:net";
import { constants } from "node:os";
import { messageOf } from "../../../model/index.ts";
import { NotStarted, type Exit, type Started } from "../port.ts";
import { groupWorks, killLeftovers, processes } from "./leftovers.ts";
import { OutputReader } from "./output.ts";
import type { Pipe, Pipes } from "./pipes.ts";

/** How long the id of a process that has ended is not reused, in milliseconds: ids go round. */
const idsAreFreshMs = 5 * 60_000;

/** How often a group that was told to end is checked, in milliseconds. */
const groupPollMs = 20;

/** One process of a step, as `StepStart` describes it. */
export interface ProcessStart {
  /** Absolute path of the program. */
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  output(bytes: Uint8Array): Promise<void> | void;
  readonly signal: AbortSignal;
  readonly graceMs: number;
}

/** Runs the processes of one job on this machine, each in its own session and process group. */
export class HostProcesses {
  private readonly pipes: Pipes;
  private readonly marker: string;
  private readonly folder: string;
  /** Groups that still had members when their first process ended. */
  private readonly groups = new Set<number>();
  /** Outputs that children of ended processes still hold. */
  private readonly lingering = new Set<Socket>();
  private used = false;
  private readonly others = new Set(processes());
  private readonly began = performance.now();

  constructor(pipes: Pipes, traces: { readonly marker: string; readonly folder: string }) {
    this.pipes = pipes;
    this.marker = traces.marker;
    this.folder = traces.folder;
  }

  /** Starts one. @throws NotStarted. */
  async start(spec: ProcessStart): Promise<Started> {
    const pipe = await this.openPipe();
    this.used = true;
    const output = new Socket({ fd: pipe.read, readable: true, writable: false });
    let child: ChildProcess;
    try {
      child = spawn(spec.program, spec.args, {
        cwd: spec.cwd,
        env: spec.env,
        stdio: ["ignore", pipe.write, pipe.write],
        detached: true,
      });
      if (child.pid === undefined) await once(child, "spawn");
    } catch (error) {
      output.destroy();
      pipe.release(true);
      throw new NotStarted("step", startFailure(error, spec));
    } finally {
      closeSync(pipe.write);
    }
    return { exit: this.untilExit(child, spec, { pipe, output }) };
  }

  private async openPipe(): Promise<Pipe> {
    try {
      return await this.pipes.open();
    } catch (error) {
      throw new NotStarted("environment", messageOf(error));
    }
  }

  private async untilExit(
    child: ChildProcess,
    spec: ProcessStart,
    { pipe, output }: { readonly pipe: Pipe; readonly output: Socket },
  ): Promise<Exit> {
    const reader = new OutputReader(output, pipe.read, spec);
    const stop = stopOnAbort(child, spec);
    const { code, signal } = await ended(child);
    const clean = await reader.finish();
    await stop.settled();
    if (!clean) this.linger(output);
    pipe.release(clean);
    const quiet = clean && (child.pid === undefined || !groupLives(child.pid));
    if (!quiet && child.pid !== undefined) this.groups.add(child.pid);
    return { code, quiet, stopped: spec.signal.aborted, ...(signal === undefined ? {} : { signal }) };
  }

  /** Kills everything that the job's processes left behind, at once. */
  reap(): void {
    const others = performance.now() - this.began < idsAreFreshMs ? { others: this.others } : {};
    if (this.used) killLeftovers({ marker: this.marker, folder: this.folder, groups: this.groups, ...others });
    this.groups.clear();
    for (const output of this.lingering) output.destroy();
    this.lingering.clear();
  }

  /**
   * A server that a step left running keeps writing to the step's output. Nobody reads it any more, but closing the
   * pipe would kill the server at its next write, and a full pipe would block it: so it is read and dropped.
   */
  private linger(output: Socket): void {
    this.lingering.add(output);
    output.once("close", () => this.lingering.delete(output));
    output.on("data", () => undefined);
    output.resume();
    output.unref();
  }
}

function ended(child: ChildProcess): Promise<{ readonly code: number; readonly signal?: string }> {
  return new Promise((resolve) => {
    child.once("exit", (code, signal) => {
      if (signal === null) resolve({ code: code ?? 0 });
      else resolve({ code: 128 + constants.signals[signal], signal });
    });
  });
}

/** TERM to the group at the abort, KILL if it still exists after the grace period. */
function stopOnAbort(child: ChildProcess, spec: ProcessStart): { settled(): Promise<void> } {
  const { pid } = child;
  if (pid === undefined) return { settled: () => Promise.resolve() };
  let timer: NodeJS.Timeout | undefined;
  let deadline = 0;
  const onAbort = (): void => {
    signalGroup(pid, "SIGTERM");
    deadline = performance.now() + spec.graceMs;
    timer = setTimeout(() => signalGroup(pid, "SIGKILL"), spec.graceMs);
  };
  if (spec.signal.aborted) onAbort();
  else spec.signal.addEventListener("abort", onAbort, { once: true });
  return {
    // The shell often ends at once while its children are still cleaning up: they get the same grace period.
    settled: async () => {
      spec.signal.removeEventListener("abort", onAbort);
      if (timer === undefined) return;
      while (groupLives(pid) && groupWorks(pid) && performance.now() < deadline)
        await new Promise((resolve) => setTimeout(resolve, groupPollMs));
      clearTimeout(timer);
      signalGroup(pid, "SIGKILL");
    },
  };
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // ESRCH: the group has ended already.
  }
}

function groupLives(pid: number): boolean {
  try {
    process.kill(-pid, 0);
    return true;
  } catch {
    // ESRCH: the group is empty.
    return false;
  }
}

function startFailure(error: unknown, spec: ProcessStart): string {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  if (code === "ENOENT" && !isFolder(spec.cwd)) return `The working directory ${spec.cwd} does not exist.`;
  const what = reasons[code] ?? messageOf(error);
  return `Cannot start ${spec.program}: ${what}`;
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "no such program (or the interpreter in its first line is missing).",
  EACCES: "it is not executable, or its folder is not accessible.",
  EAGAIN: "the machine has no room for another process right now.",
  ENOMEM: "the machine does not have enough memory.",
  EMFILE: "the runner has too many files open.",
  E2BIG: "its arguments and environment together exceed the system's limit; keep large values in files.",
};

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
