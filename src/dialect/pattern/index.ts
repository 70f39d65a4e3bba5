/** Wildcard patterns for branches, tags and paths, matched in time that hostile text cannot blow up. */
export { compileGlob, matchGlob, type Glob } from "./glob.ts";
export { matchPrefix, parseWildcard } from "./wildcard.ts";
export { TooMuchWork, Work } from "./work.ts";
