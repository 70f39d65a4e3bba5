import type { Call } from "../action/call.ts";
import type { Inputs } from "../action/inputs.ts";
import { checkout } from "../checkout/checkout.ts";
import type { Ending } from "../state.ts";
import { downloadArtifact, uploadArtifact } from "./artifact.ts";
import { cache, restoreCache, saveCache } from "./cache.ts";

/** The actions that are built in, by their name on GitHub; every version of one is the same. They need no network. */
export const builtins: ReadonlyMap<string, (call: Call, inputs: Inputs) => Promise<Ending>> = new Map([
  ["actions/checkout", checkout],
  ["actions/upload-artifact", uploadArtifact],
  ["actions/download-artifact", downloadArtifact],
  ["actions/cache", cache],
  ["actions/cache/restore", restoreCache],
  ["actions/cache/save", saveCache],
]);
