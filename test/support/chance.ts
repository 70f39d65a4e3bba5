import { configureGlobal } from "fast-check";

/**
 * Property tests try the same cases every time: a commit is judged by what it changes, not by the luck of its run. Other
 * cases are tried with `SLUICE_FUZZ_SEED=<number>`.
 */
configureGlobal({ seed: Number(process.env["SLUICE_FUZZ_SEED"] ?? 20_260_101) });
