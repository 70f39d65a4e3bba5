/** Repositories: attached, listed, removed, started by hand; and what their forges report of them. */
export { CloneTokens } from "./clone-tokens.ts";
export { openForges } from "./forges.ts";
export { openRepositories } from "./open.ts";
export { RepositoryService } from "./service.ts";
