import { reportLimits } from "../../model/index.ts";

/** Hard limits on what a job may send; a job is not trusted. Sizes in bytes, times in milliseconds. */
export interface Limits {
  /** Steps of one job, the set-up and post steps among them. */
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
  /** The log of one step; what comes after it is dropped, with a notice at its end. */
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
  /** Cache entries of a repository, however small: all are looked at when one is saved. */
  readonly cacheEntries: number;
  /** Runners that are registered. */
  readonly runners: number;
  /** A runner that says nothing for so long is dead. With a heartbeat every 5 s and a look every second it is noticed within 30 s. */
  readonly silence: number;
  /** Schedules of one repository; those beyond are never due. */
  readonly schedules: number;
  /** A due time that was missed for longer than this is passed over. */
  readonly lateness: number;
  /** A job whose runner holds it for so much longer than the job's own limit has failed: the runner is to stop it by itself. */
  readonly overtime: number;
  /** Delays before a message is delivered again are multiplied by this; 1 when absent. For tests. */
  readonly retryScale?: number;
  /** How long a heartbeat waits for a cancel before it is answered. */
  readonly heartbeatWait: number;
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
  runners: 1000,
  silence: 27_000,
  schedules: 100,
  lateness: 24 * 3_600_000,
  overtime: 15 * 60_000,
  heartbeatWait: 5000,
};
