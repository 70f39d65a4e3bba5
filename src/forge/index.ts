/** The forges: where repositories live and events come from. So far the plain bare git repository. */
export * from "./git/index.ts";
