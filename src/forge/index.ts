/**
 * Forges: where repositories live and events come from. `port.ts` defines what an adapter must do, `registry.ts` lists
 * the adapters: so far plain bare git repositories on the server's disk.
 */
export { mayPass } from "./failure.ts";
export {
  git,
  type GitForge,
  type GitHttpAnswer,
  type GitHttpRequest,
  type GitService,
  repositoryNameSchema,
} from "./git/index.ts";
export type { Forge, News, Reports } from "./port.ts";
export { adapters, type Forges, forgesOf } from "./registry.ts";
