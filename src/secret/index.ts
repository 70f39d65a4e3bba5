/** Secrets: for now the masking of their values in everything that leaves a runner. */
export { createMasker, type Masker, type MaskStream } from "./masker.ts";
