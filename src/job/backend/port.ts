import type { Json } from "../../model/index.ts";
import type { Files } from "./files.ts";

/**
 * What executes jobs: this machine, a container engine, a cluster.
 *
 * Order of calls: `sweep` once, when the runner starts; `prepare` at any time; `open` once per job. Jobs run at the
 * same time, so every method can be called while others are in progress. Nothing of one job may be visible to another.
 */
export interface Backend {
  readonly name: string;
  readonly capabilities: Capabilities;
  /** Prepares in the background for the first job. Returns at once, never fails, can be called repeatedly. */
  prepare(): void;
  /**
   * Creates the environment of one job. Resolves when steps can start in it.
   * @throws SluiceError if it cannot be created (`storage-full`, `unavailable`, `workflow-unsupported`, …): the job
   * fails with that
   *   message, and whatever was created is removed.
   */
  open(job: JobStart): Promise<Environment>;
  /**
   * Removes what jobs of an earlier process left behind. Jobs of other living runners stay. Resolves with what it
   * removed, for the log. What cannot be removed is reported and left: never rejects.
   * @param report receives what could not be removed, and why
   */
  sweep(report?: (message: string) => void): Promise<readonly string[]>;
}

/** What an environment can do. The job checks first, and reports which backend lacks what. */
export interface Capabilities {
  /**
   * It executes programs. Otherwise it receives whole steps, including checkouts and actions, and simulates them:
   * `start` gets only the step's description, and `find` and `tool` find nothing.
   */
  readonly executes: boolean;
  /** Jobs and steps can name an image; `buildImage` builds one from a folder. */
  readonly images: boolean;
  /** Jobs can have services. */
  readonly services: boolean;
  /**
   * It is the runner's own machine: the same paths, files, and programs. Checking out a local folder then needs no
   * copy.
   */
  readonly thisMachine: boolean;
}

/** What a job requests from its environment. */
export interface JobStart {
  /** The job's key within its run and the repository, for names that people see. */
  readonly name: string;
  readonly repository: string;
  /** The container for steps without their own image. Only with `images`. */
  readonly container?: Container;
  /**
   * Images that steps and services name, as far as the plan shows them before anything runs: to pull them early, or to make room
   * for them in a pod. Others may follow.
   */
  readonly images: readonly string[];
  /** A line for people about slow operations (pulling an image). */
  log(line: string): void;
  /** Aborted if the job is cancelled before it has an environment. */
  readonly signal: AbortSignal;
}

/** A container as the author describes it, fully evaluated. */
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
 * Where one job runs: its files, its processes, its services.
 *
 * Order of calls: anything but `close` in any order and concurrently; then `stop`, which ends what still runs; then
 * `close`. Both can be called again. After `stop` files can be read, and nothing starts. If the environment is lost in
 * the meantime (the engine died, the pod was evicted), calls reject with SluiceError `unavailable`.
 */
export interface Environment extends Files {
  readonly capabilities: Capabilities;
  readonly folders: Folders;
  readonly system: System;
  /**
   * The environment's own variables, for the steps: at least PATH and HOME, and nothing that could contain a secret of
   * the runner.
   */
  readonly variables: Readonly<Record<string, string>>;
  /** Its additions to the `job` context (`container.id`, `container.network`). */
  readonly jobContext?: Readonly<Record<string, Json>>;

  /**
   * The first of these programs that is executable, as an absolute path; undefined if there is none.
   * @param names in order of preference; one with a `/` is a path
   * @param path folders to search, separated by `:`; relative ones are ignored
   */
  find(names: readonly string[], path: string): Promise<string | undefined>;
  /**
   * A program that the runner itself needs: `git` for checkouts, `node` for JavaScript actions. Undefined if the
   * environment has none; a checkout is then made on the runner's machine and copied in.
   */
  tool(name: "git" | "node", path: string): Promise<Tool | undefined>;

  /**
   * Starts a step's program. Resolves when it is running.
   * @throws NotStarted if it does not start.
   */
  start(step: StepStart): Promise<Started>;
  /**
   * Starts a service. Resolves when it is usable: when its health check succeeds, if it has one.
   * @throws NotStarted if it does not start. Only with `services`.
   */
  startService(service: ServiceStart): Promise<StartedService>;
  /**
   * Builds an image from a folder of the environment, for a Docker action. Resolves with a name for `StepStart.image`.
   * @throws NotStarted if the build fails. Only with `images`.
   */
  buildImage(build: ImageBuild): Promise<string>;

  /**
   * Ends everything that the job has started, at once. When it resolves, nothing of the job runs any more. Never
   * rejects.
   */
  stop(): Promise<void>;
  /** Removes what `open` created. @throws if something is left, which the next `sweep` removes. */
  close(): Promise<void>;
}

/** Absolute paths inside the environment, valid in every container of the job. */
export interface Folders {
  /** Where steps work. */
  readonly workspace: string;
  /** Beside the workspace, for the runner's own files. Steps do not learn its path. */
  readonly job: string;
  /** Like `job`, with a path that a script need not quote. */
  readonly plain: string;
  /** `RUNNER_TEMP`; below `plain`. */
  readonly temp: string;
  /** `RUNNER_TOOL_CACHE`. */
  readonly tools: string;
  /** The meaning of `~` in paths that authors write. */
  readonly home: string;
}

/** The environment's system, in GitHub's terms (`Linux`, `X64`) and those of container platforms (`linux/amd64`). */
export interface System {
  readonly os: string;
  readonly arch: string;
  readonly platform: string;
}

/**
 * A program of the environment, for `StepStart`. With an image it is in that image, which can access the job's folders.
 */
export interface Tool {
  readonly program: string;
  readonly image?: Container;
}

/** Describes a step, for environments that show or simulate it. */
export interface StepDescription {
  readonly kind: "commands" | "plugin" | "service" | "checkout";
  readonly name: string;
  /** The commands, or their equivalent. */
  readonly lines: readonly string[];
}

/** One program of a step. */
export interface StepStart {
  readonly description: StepDescription;
  /** Instead of the job's container. Only with `images`. */
  readonly image?: Container;
  /**
   * Absolute path, or a name if there is an image. Absent: the image's own entry point, or a step that is only
   * simulated.
   */
  readonly program?: string;
  readonly args: readonly string[];
  /** Working directory, absolute. */
  readonly cwd: string;
  /** Nothing of the runner's own environment is added. An image's variables are below these. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * Receives the output: stdout and stderr, in the order they were written. The next piece comes when the returned
   * promise resolves, which is the back-pressure. The bytes are only valid until then.
   */
  output(bytes: Uint8Array): Promise<void> | void;
  /**
   * Aborted to end the step: TERM to all its processes, and KILL after `graceMs`. Its reason is `endOfJob` if nobody
   * cancelled it.
   */
  readonly signal: AbortSignal;
  /** How long its processes can take to end after TERM, in milliseconds. */
  readonly graceMs: number;
}

/** A running program. */
export interface Started {
  /**
   * Resolves when the program has ended and all its output was consumed, whatever its children still do. Rejects only
   * if the environment is lost.
   */
  readonly exit: Promise<Exit>;
}

/** How a program ended. */
export interface Exit {
  /** 128 + n after signal n. */
  readonly code: number;
  /** The signal that ended it (`SIGKILL`). */
  readonly signal?: string;
  /** It ran out of memory. */
  readonly outOfMemory?: boolean;
  /** It ended because its `signal` was aborted. */
  readonly stopped: boolean;
  /** It left nothing running that could still write to files of the step. */
  readonly quiet: boolean;
}

/** A service of a job: a container, and the command it runs instead of the image's own. */
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
  /** The value of `job.services.<id>` in steps: `id`, `network`, `ports`. */
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

/** A step or service that did not start: an ordinary failure, not a bug. */
export class NotStarted extends Error {
  override readonly name = "NotStarted";
  /**
   * `step`: what the author wrote cannot be started (no such program, no such folder). `environment`: the environment
   * could not start it (an image that cannot be pulled). That failure always counts, with or without
   * `continue-on-error`.
   */
  readonly fault: "step" | "environment";

  constructor(fault: "step" | "environment", message: string) {
    super(message);
    this.fault = fault;
  }
}
