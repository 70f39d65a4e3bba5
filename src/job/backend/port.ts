import type { Json } from "../../model/index.ts";
import type { Files } from "./files.ts";

/**
 * What executes jobs: this machine, a container engine, a cluster.
 *
 * Order of calls: `sweep` once, when the runner starts; `prepare` at any time; `open` once for each job. Jobs run at
 * the same time, so every method may be called while others are under way. Nothing of one job may be seen by another.
 */
export interface Backend {
  readonly name: string;
  readonly capabilities: Capabilities;
  /** Gets ready in the background for the first job. Returns at once, never fails, may be called again. */
  prepare(): void;
  /**
   * Makes the environment of one job. Resolves when steps can start in it.
   * @throws SluiceError when it cannot be made (`storage-full`, `unavailable`, `workflow-unsupported`, …): the job fails with that
   *   message, and whatever was made is gone again.
   */
  open(job: JobStart): Promise<Environment>;
  /**
   * Removes what jobs of an earlier process left behind. Jobs of other living runners stay. Resolves with what it
   * removed, for the log. What cannot be removed is reported and left: never rejects.
   * @param report hears what could not be removed, and why
   */
  sweep(report?: (message: string) => void): Promise<readonly string[]>;
}

/** What an environment can do. The job checks before it asks, and says which backend lacks what. */
export interface Capabilities {
  /**
   * It executes programs. Without this it takes whole steps, checkouts and actions included, and plays them: `start`
   * gets only what a step is, and `find` and `tool` find nothing.
   */
  readonly executes: boolean;
  /** Jobs and steps may name an image; `buildImage` builds one from a folder. */
  readonly images: boolean;
  /** Jobs may have services. */
  readonly services: boolean;
  /** It is the runner's own machine: the same paths, files, and programs. A checkout of a local folder needs no copy then. */
  readonly thisMachine: boolean;
}

/** What a job asks of its environment. */
export interface JobStart {
  /** The job's key within its run and the repository, for names that people see. */
  readonly name: string;
  readonly repository: string;
  /** What steps without an image of their own run in. Only with `images`. */
  readonly container?: Container;
  /** A line for people about what takes time (an image that is pulled). */
  log(line: string): void;
  /** Aborted when the job is cancelled before it has an environment. */
  readonly signal: AbortSignal;
}

/** A container as the author describes it. Everything is evaluated. */
export interface Container {
  readonly image: string;
  readonly env: Readonly<Record<string, string>>;
  /** Options of `docker create`, as one line. */
  readonly options?: string;
  readonly ports: readonly string[];
  readonly volumes: readonly string[];
  readonly credentials?: { readonly username: string; readonly password: string };
  readonly privileged?: boolean;
}

/**
 * Where one job runs. Its files, its processes, its services.
 *
 * Order of calls: anything but `close` in any order and at the same time; then `stop`, which ends what still runs; then
 * `close`. Both may be called again. After `stop` files can be read, and nothing starts. If the environment is lost
 * meanwhile (the engine died, the pod was evicted), calls reject with SluiceError `unavailable`.
 */
export interface Environment extends Files {
  readonly capabilities: Capabilities;
  readonly folders: Folders;
  readonly system: System;
  /** The environment's own variables, for the steps: PATH and HOME at least, and nothing that could hold a secret of the runner. */
  readonly variables: Readonly<Record<string, string>>;
  /** What it adds to the `job` context (`container.id`, `container.network`). */
  readonly jobContext?: Readonly<Record<string, Json>>;

  /**
   * The first of these programs that can be run, as an absolute path; undefined when there is none.
   * @param names in the order of preference; one with a `/` is a path
   * @param path folders to search, separated by `:`; relative ones are left out
   */
  find(names: readonly string[], path: string): Promise<string | undefined>;
  /**
   * A program that the runner itself needs: `git` for checkouts, `node` for JavaScript actions. Undefined when the environment has none;
   * a checkout is then made on the runner's machine and copied in.
   */
  tool(name: "git" | "node", path: string): Promise<Tool | undefined>;

  /**
   * Starts a step's program. Resolves when it runs.
   * @throws NotStarted when it does not.
   */
  start(step: StepStart): Promise<Started>;
  /**
   * Starts a service. Resolves when it can be used: when its health check succeeds, where it has one.
   * @throws NotStarted when it does not. Only with `services`.
   */
  startService(service: ServiceStart): Promise<StartedService>;
  /**
   * Builds an image from a folder of the environment, for a Docker action. Resolves with a name for `StepStart.image`.
   * @throws NotStarted when the build fails. Only with `images`.
   */
  buildImage(build: ImageBuild): Promise<string>;

  /** Ends everything that the job has started, at once. When it resolves, nothing of the job runs any more. Never rejects. */
  stop(): Promise<void>;
  /** Removes what `open` made. @throws when something is left, which the next `sweep` removes. */
  close(): Promise<void>;
}

/** Absolute paths inside the environment. They mean the same in every container of the job. */
export interface Folders {
  /** Where steps work. */
  readonly workspace: string;
  /** Beside the workspace, for the runner's own files. Steps are not told of it. */
  readonly job: string;
  /** As `job`, and its path has no character that a script would have to quote. */
  readonly plain: string;
  /** `RUNNER_TEMP`; below `plain`. */
  readonly temp: string;
  /** `RUNNER_TOOL_CACHE`. */
  readonly tools: string;
  /** What `~` means in paths that authors write. */
  readonly home: string;
}

/** The environment's system, in the words of GitHub (`Linux`, `X64`) and of container platforms (`linux/amd64`). */
export interface System {
  readonly os: string;
  readonly arch: string;
  readonly platform: string;
}

/** A program of the environment, for `StepStart`. With an image it is in that image, which sees the job's folders. */
export interface Tool {
  readonly program: string;
  readonly image?: Container;
}

/** What a step is, for environments that show or play it. */
export interface StepDescription {
  readonly kind: "commands" | "plugin" | "service" | "checkout";
  readonly name: string;
  /** The commands, or what stands for them. */
  readonly lines: readonly string[];
}

/** One program of a step. */
export interface StepStart {
  readonly description: StepDescription;
  /** In place of the job's container. Only with `images`. */
  readonly image?: Container;
  /** Absolute path, or a name when there is an image. Absent: the image's own entry point, or a step that is only played. */
  readonly program?: string;
  readonly args: readonly string[];
  /** Working directory, absolute. */
  readonly cwd: string;
  /** Nothing of the runner's own environment is added. An image's variables are below these. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * Takes the output: standard output and standard error, in the order they were written. The next piece comes when the
   * answer is done, which is the back-pressure. The bytes are the caller's until then only.
   */
  output(bytes: Uint8Array): Promise<void> | void;
  /** Aborted to end the step: TERM to all its processes, and KILL after `graceMs`. Its reason is `endOfJob` when nobody cancelled it. */
  readonly signal: AbortSignal;
  /** How long its processes may take to end after TERM, in milliseconds. */
  readonly graceMs: number;
}

/** A program that runs. */
export interface Started {
  /** Resolves when the program has ended and all its output was taken, whatever its children still do. Rejects only when the environment is lost. */
  readonly exit: Promise<Exit>;
}

/** How a program ended. */
export interface Exit {
  /** 128 + n after signal n. */
  readonly code: number;
  /** The signal that ended it (`SIGKILL`). */
  readonly signal?: string;
  /** The memory was not enough. */
  readonly outOfMemory?: boolean;
  /** It ended because its `signal` was aborted. */
  readonly stopped: boolean;
  /** It left nothing running that could still write to files of the step. */
  readonly quiet: boolean;
}

/** A service of a job: a container, and what runs in it instead of the image's own command. */
export interface ServiceStart {
  readonly id: string;
  readonly container: Container;
  readonly commands?: readonly string[];
  output(bytes: Uint8Array): Promise<void> | void;
  /** Aborted at the end of the job, with the reason `endOfJob`. */
  readonly signal: AbortSignal;
  readonly graceMs: number;
}

export interface StartedService extends Started {
  /** What steps see as `job.services.<id>`: `id`, `network`, `ports`. */
  readonly context: Readonly<Record<string, Json>>;
}

export interface ImageBuild {
  readonly folder: string;
  /** The Dockerfile, absolute. */
  readonly file: string;
  output(bytes: Uint8Array): Promise<void> | void;
  readonly signal: AbortSignal;
}

/** Why a detached step or a service is ended: nobody cancelled it, its job is over. */
export const endOfJob = new Error("The job is over.");

/** A step or service that did not start: an ordinary failure, not a defect. */
export class NotStarted extends Error {
  override readonly name = "NotStarted";
  /**
   * `step`: what the author wrote cannot be started (no such program, no such folder).
   * `environment`: the environment could not start it (an image that cannot be pulled). That failure always counts,
   * `continue-on-error` or not.
   */
  readonly fault: "step" | "environment";

  constructor(fault: "step" | "environment", message: string) {
    super(message);
    this.fault = fault;
  }
}
