import type { Call } from "../action/call.ts";
import type { Inputs } from "../action/inputs.ts";
import { checkout } from "../checkout/checkout.ts";
import type { Ending } from "../state.ts";
import { orAborted } from "./abort.ts";
import { downloadArtifact, uploadArtifact } from "./artifact.ts";
import { cache, restoreCache, saveCache } from "./cache.ts";

type BuiltIn = (call: Call, inputs: Inputs) => Promise<Ending>;

/** The actions that are built in, by their name on GitHub; every version of one is the same. They need no network. */
export const builtins: ReadonlyMap<string, BuiltIn> = new Map([
  ["actions/checkout", checkout],
  ["actions/upload-artifact", endable(uploadArtifact)],
  ["actions/download-artifact", endable(downloadArtifact)],
  ["actions/cache", endable(cache)],
  ["actions/cache/restore", endable(restoreCache)],
  ["actions/cache/save", endable(saveCache)],
]);

/** A transfer hangs as long as the server does: a cancel or time limit does not wait for it. */
function endable(builtin: BuiltIn): BuiltIn {
  return (call, inputs) => orAborted(builtin(call, inputs), call.signal);
}
