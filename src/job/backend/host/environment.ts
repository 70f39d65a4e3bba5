import { realpathSync } from "node:fs";
import {
  type Backend,
  type Environment,
  type Folders,
  NotStarted,
  type Started,
  type StartedService,
  type StepStart,
  type System,
  type Tool,
} from "../port.ts";
import { HostFiles } from "./files.ts";
import { type JobFolders, makeFolders, removeJob } from "./folders.ts";
import { markerName } from "./leftovers.ts";
import { machineEnvironment, machineSystem } from "./machine.ts";
import type { Pipes } from "./pipes.ts";
import { HostProcesses } from "./process.ts";
import { findProgram } from "./programs.ts";

export const hostCapabilities: Backend["capabilities"] = {
  executes: true,
  images: false,
  services: false,
  thisMachine: true,
};

/** A job on this machine: its own folders, and processes recognised by a marker. */
export class HostEnvironment extends HostFiles implements Environment {
  readonly capabilities = hostCapabilities;
  readonly folders: Folders;
  readonly system: System = machineSystem();
  readonly variables = machineEnvironment(process.env);
  readonly #marker: string;
  readonly #processes: HostProcesses;

  private constructor(folders: JobFolders, workRoot: string, pipes: Pipes) {
    super(folders.job, workRoot);
    this.folders = folders;
    this.#marker = folders.marker;
    this.#processes = new HostProcesses(pipes, { marker: folders.marker, folder: folders.job });
  }

  /**
   * Creates the job's folders. @throws SluiceError `storage-full`, or `unavailable` if the work folder is not writable.
   */
  static open(workRoot: string, pipes: Pipes): HostEnvironment {
    const folders = makeFolders(workRoot);
    return new HostEnvironment(folders, realpathSync(workRoot), pipes);
  }

  async find(names: readonly string[], path: string): Promise<string | undefined> {
    return findProgram(names, path);
  }

  async tool(name: "git" | "node", path: string): Promise<Tool | undefined> {
    // Sluice's own Node: it is always there, and new enough for every action.
    const program = name === "node" ? process.execPath : findProgram([name], path);
    return program === undefined ? undefined : { program };
  }

  async start(step: StepStart): Promise<Started> {
    const { program, args, cwd, env, signal, graceMs } = step;
    if (program === undefined) throw new NotStarted("step", "The step has no program.");
    return this.#processes.start({
      program,
      args,
      cwd,
      env: { ...env, [markerName]: this.#marker },
      output: (bytes) => step.output(bytes),
      signal,
      graceMs,
    });
  }

  startService(): Promise<StartedService> {
    return Promise.reject(new NotStarted("environment", "The host backend has no services."));
  }

  buildImage(): Promise<string> {
    return Promise.reject(new NotStarted("environment", "The host backend has no images."));
  }

  async stop(): Promise<void> {
    this.#processes.reap();
  }

  async close(): Promise<void> {
    await this.stop();
    await removeJob(this.folders.job);
  }
}
