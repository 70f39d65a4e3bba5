/** Wildcard patterns for branches, tags and paths, matched in bounded time for hostile text. */
export { compileGlob, matchGlob, type Glob } from "./glob.ts";
export { matchPrefix, parseWildcard } from "./wildcard.ts";
export { WorkExceeded, Work } from "./work.ts";
