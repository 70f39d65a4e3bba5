/** Repositories: attaching, listing, removing, manual starts, and the reports of their forges. */
export { CloneTokens } from "./clone-tokens.ts";
export { openForges } from "./forges.ts";
export { openRepositories } from "./open.ts";
export { RepositoryService } from "./service.ts";
