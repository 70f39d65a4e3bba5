import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, readdirSync, readlinkSync } from "node:fs";
import { sluice } from "./sluice.ts";
import { until } from "./until.ts";

/** A built `sluice` that runs as a process of its own, and everything it has said. */
export class Program {
  /** Standard output and standard error, as they came. */
  said = "";
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  /** It has ended, and all of its output is here. */
  #closed = false;

  constructor(
    args: readonly string[],
    options: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
  ) {
    // Nothing of the machine's own settings, and no colours: what it says is read.
    const env = { PATH: process.env["PATH"], HOME: options.cwd, LANG: "C.UTF-8", ...options.env };
    const child = spawn(sluice, args, { cwd: options.cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    const take = (chunk: Buffer): void => {
      this.said += chunk.toString();
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    this.#child = child;
    this.#ended = new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => {
        this.#closed = true;
        resolve(code);
      });
    });
    this.#ended.catch(() => {
      // Whoever waits for the end hears that it could not be started.
    });
  }

  /** `bin/sluice` replaces itself with Node: this is the process that does the work. */
  get pid(): number {
    if (this.#child.pid === undefined) throw new Error("It was not started.");
    return this.#child.pid;
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Resolves with the exit code, null after a signal. */
  async ended(): Promise<number | null> {
    return this.#ended;
  }

  /** kill -9, and no trace of a last word. */
  async kill(): Promise<void> {
    this.signal("SIGKILL");
    await this.ended();
  }

  /** What it says that fits; rejects with all it said when it ends without, or says nothing of the kind for so long. */
  async says(pattern: RegExp, seconds = 60): Promise<RegExpExecArray> {
    return until(
      `${pattern} in what it says`,
      () => {
        const found = pattern.exec(this.said);
        if (found !== null) return found;
        if (this.#closed) throw new Error(`It ended before it said ${pattern}:\n${this.said}`);
        return undefined;
      },
      seconds,
    );
  }

  /** The most memory it has had resident at once, in MiB. */
  peakMemory(): number {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${this.pid}/status`, "utf8"))?.[1]) / 1024;
  }
}

/** True for a process that does something still: one that has ended and waits to be collected does not. */
export function works(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat[stat.lastIndexOf(")") + 2] !== "Z";
  } catch {
    return false;
  }
}

/** Processes that were told of a folder in their environment, or work in it or below it. */
export function processesIn(folder: string): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 1 && pid !== process.pid && works(pid) && knows(pid, folder));
}

function knows(pid: number, folder: string): boolean {
  try {
    return (
      `${readlinkSync(`/proc/${pid}/cwd`)}/`.startsWith(`${folder}/`) ||
      readFileSync(`/proc/${pid}/environ`, "utf8").includes(folder)
    );
  } catch {
    // Another user's, or gone.
    return false;
  }
}
