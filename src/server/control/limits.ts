import { reportLimits } from "../../model/index.ts";

/** Hard limits on what a job can send; a job is not trusted. Sizes in bytes, times in milliseconds. */
export interface Limits {
  /** Steps of one job, including setup and post steps. */
  readonly steps: number;
  readonly annotations: number;
  readonly summary: number;
  /** All summaries of a job together. */
  readonly summaries: number;
  /** A name, title or path, in characters. */
  readonly name: number;
  /** A message or reason, in characters. */
  readonly message: number;
  /** All outputs of a job together. */
  readonly outputs: number;
  /** The log of one step; further output is dropped, with a notice at the end. */
  readonly log: number;
  /** The logs of all steps of a job together. */
  readonly jobLogs: number;
  readonly artifact: number;
  /** All artifacts of a run together. */
  readonly runArtifacts: number;
  /** All artifacts of a repository together. */
  readonly repositoryArtifacts: number;
  readonly artifactsPerRun: number;
  readonly artifactDays: number;
  readonly artifactDaysMost: number;
  readonly cacheEntry: number;
  readonly cacheRepository: number;
  /** Cache entries of a repository, however small: saving one reads them all. */
  readonly cacheEntries: number;
  /** Which ended runs of a repository stay. */
  readonly retention: {
    /** Those that ended longer ago go, in milliseconds. */
    readonly age: number;
    /** Of more than so many the oldest go. */
    readonly count: number;
    /** The newest so many stay, however old. */
    readonly floor: number;
  };
  /** Registered runners. */
  readonly runners: number;
  /**
   * A runner that is silent for this long is dead. With a heartbeat every 5 s and a check every second it is detected
   * within 30 s.
   */
  readonly silence: number;
  /** Schedules of one repository; further ones never run. */
  readonly schedules: number;
  /** A due time missed by more than this is skipped. */
  readonly lateness: number;
  /**
   * A job that its runner holds for this much longer than the job's own timeout has failed: the runner should have
   * stopped it.
   */
  readonly overtime: number;
  /** Multiplies the delays before a message is delivered again; 1 if absent. For tests. */
  readonly retryScale?: number;
  /** How long a heartbeat waits for a cancel before it is answered. */
  readonly heartbeatWait: number;
  /** How often a waiting lease request polls if signals can be lost. */
  readonly lookAgain: number;
}

const MiB = 1024 * 1024;

export const defaultLimits: Limits = {
  ...reportLimits,
  steps: 1000,
  annotations: 500,
  summary: MiB,
  summaries: 20 * MiB,
  log: 1024 * MiB,
  jobLogs: 4 * 1024 * MiB,
  artifact: 5 * 1024 * MiB,
  runArtifacts: 20 * 1024 * MiB,
  repositoryArtifacts: 100 * 1024 * MiB,
  artifactsPerRun: 500,
  artifactDays: 7,
  artifactDaysMost: 90,
  cacheEntry: 2 * 1024 * MiB,
  cacheRepository: 10 * 1024 * MiB,
  cacheEntries: 2000,
  retention: { age: 90 * 24 * 3_600_000, count: 500, floor: 20 },
  runners: 1000,
  silence: 27_000,
  schedules: 100,
  lateness: 24 * 3_600_000,
  overtime: 15 * 60_000,
  heartbeatWait: 5000,
  lookAgain: 3000,
};
