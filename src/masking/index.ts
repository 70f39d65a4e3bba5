/**
 * Masking: nothing that leaves a job shows a secret. Pure: takes values, returns text or bytes with `***` in their
 * place.
 */
export { createMasker, type Masker } from "./masker.ts";
