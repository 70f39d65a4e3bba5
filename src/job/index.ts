/**
 * Runs one job on the runner's side: its steps in their contexts, the files and commands they use to report back, the
 * built-in actions, the log with secrets masked. The ports define what is on the other side.
 */
export { clearFolder, killJobs, sweepWorkRoot } from "./backend/host/folders.ts";
export type { Backend } from "./backend/port.ts";
export { backendNames, isBackendName, loadBackend, type BackendName } from "./backend/registry.ts";
export { runJob } from "./job.ts";
export { type Command, parseCommand } from "./output/command.ts";
export type { JobPorts, RunJob, Transfers } from "./port.ts";
