/** Secrets: for now the masking of their values in everything that leaves a runner. */
export { createMasker, type Masker } from "./masker.ts";
