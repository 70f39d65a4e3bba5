import type { Config } from "../config/index.ts";
import type { Limits } from "./control/index.ts";

const mebibyte = 1024 * 1024;

/** The limits set in the configuration; the others keep their defaults. */
export function limitsOf({ logs, artifacts, caches, retention }: Config): Partial<Limits> {
  return {
    log: logs.limitMiB * mebibyte,
    jobLogs: logs.jobLimitMiB * mebibyte,
    artifact: artifacts.limitMiB * mebibyte,
    runArtifacts: artifacts.runLimitMiB * mebibyte,
    repositoryArtifacts: artifacts.totalMiB * mebibyte,
    artifactDays: artifacts.retentionDays,
    cacheEntry: caches.limitMiB * mebibyte,
    cacheRepository: caches.totalMiB * mebibyte,
    retention: {
      age: retention.runs.days * 86_400_000,
      count: retention.runs.count,
      floor: retention.runs.floor,
    },
  };
}
