/** Plain bare git repositories: made, attached, read, served over HTTP, and watched for pushes. */
export { serveGit, type GitHttpAnswer, type GitHttpRequest, type GitService } from "./backend.ts";
export { describeUpdate, manualEvent, pushEvent, repositoryPayload, type GitRepository } from "./event.ts";
export { readFiles, type TreeFile } from "./files.ts";
export { changedFiles, commitInfo, commits, isForced, refs, resolveCommit, type Commit, type Person } from "./history.ts";
export { installHook, spoolOf, uninstallHook } from "./hook.ts";
export { isRef, repositoryNameSchema, shaSchema, zeroSha } from "./names.ts";
export { git, tryGit, type GitResult } from "./process.ts";
export { missedUpdates } from "./reconcile.ts";
export { createRepository, inspectRepository, removeRepository, type Inspection } from "./repository.ts";
export { parseReport, readReport, type PushReport, type RefUpdate } from "./spool.ts";
export { SpoolWatch, type SpoolWatchOptions } from "./watch.ts";
