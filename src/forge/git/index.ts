/** Plain bare git repositories: made, attached, read, served over HTTP, and watched for pushes. */
export { serveGit, type GitHttpAnswer, type GitService } from "./backend.ts";
export { describeUpdate, manualEvent, pushEvent, type GitRepository } from "./event.ts";
export { GitForge } from "./forge.ts";
export { commitsOf, refs, resolveCommit } from "./history.ts";
export { installHook, runsOfPush, uninstallHook } from "./hook.ts";
export { repositoryNameSchema, zeroSha } from "./names.ts";
export { git } from "./process.ts";
export { missedUpdates } from "./reconcile.ts";
export {
  createRepository,
  inspectRepository,
  mayBecomeDefault,
  removeRepository,
  setDefaultBranch,
  sweepAbandoned,
} from "./repository.ts";
export type { PushReport, RefUpdate } from "./spool.ts";
export { SpoolWatch } from "./watch.ts";
