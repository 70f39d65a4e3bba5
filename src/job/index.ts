/**
 * Runs one job on the runner's side: its steps in their contexts, the files and commands through which they talk back,
 * the built-in actions, the log with secrets masked. What is on the other side is in the ports.
 */
export type { JobPorts, RunJob, Transfers } from "./port.ts";
export { clearFolder, killJobs, sweepWorkRoot } from "./folders.ts";
export { prepareHost } from "./backend/host/pipes.ts";
export { runJob } from "./job.ts";
export { type Command, parseCommand } from "./output/command.ts";
