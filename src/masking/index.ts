/** Masking: what leaves a job never shows a secret. Pure: values come in, and text or bytes go out with `***` in their place. */
export { createMasker, type Masker } from "./masker.ts";
