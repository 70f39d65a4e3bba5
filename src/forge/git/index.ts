/** Plain bare git repositories: creates, attaches, reads and serves them over HTTP, and watches them for pushes. */
export type { GitHttpAnswer, GitHttpRequest, GitService } from "./backend.ts";
export { GitForge } from "./forge.ts";
export { repositoryNameSchema } from "./names.ts";
export { git } from "./process.ts";
