/** Plain bare git repositories: made, attached, read, served over HTTP, and watched for pushes. */
export type { GitHttpAnswer, GitHttpRequest, GitService } from "./backend.ts";
export { GitForge } from "./forge.ts";
export { repositoryNameSchema } from "./names.ts";
export { git } from "./process.ts";
