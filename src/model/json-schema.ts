import * as z from "zod";
import type { Json } from "./json.ts";

/** Any value that `JSON.parse` returned. Unlike `z.json()` it does not walk through the value, which must be JSON. */
export const parsedJson = z.custom<Json>((value) => value !== undefined);
