import * as z from "zod";
import { jobStatuses, runStatuses, stepStatuses } from "./state.ts";

/** Schemas of the states, for outside input. */
export const runStatus = z.enum(runStatuses);
export const jobStatus = z.enum(jobStatuses);
export const stepStatus = z.enum(stepStatuses);
