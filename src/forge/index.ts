/** The forges: where repositories live and events come from. So far the plain bare git repository. */
export { mayPass } from "./failure.ts";
export * from "./git/index.ts";
export { type Forges, forgesOf } from "./registry.ts";
