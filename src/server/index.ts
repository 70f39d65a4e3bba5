/** The server: HTTP API, page, git, and the controllers that drive runs. */
export { checkJobUser } from "./embedded/check.ts";
export { controlSocket } from "./storage/index.ts";
export { openapiDocument } from "./http/openapi.ts";
export { createLogger } from "./log.ts";
export { openOffline, type Administration } from "./offline.ts";
export { untilStopped } from "./signals.ts";
export { startServer, type RunningServer, type StartOptions } from "./start.ts";
