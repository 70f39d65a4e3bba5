import type { StepExecution } from "../action/execution.ts";
import type { Inputs } from "../action/inputs.ts";
import { checkout } from "../checkout/checkout.ts";
import type { Ending } from "../state.ts";
import { orAborted } from "./abort.ts";

type BuiltIn = (execution: StepExecution, inputs: Inputs) => Promise<Ending>;

export const uploadArtifact = transfer(async () => (await import("./artifact.ts")).uploadArtifact);

/**
 * The built-in actions, by their name on GitHub; all versions are the same. They need no network. Modules that upload
 * files load on first use: most jobs of a local run do not need them.
 */
export const builtins: ReadonlyMap<string, BuiltIn> = new Map([
  ["actions/checkout", checkout],
  ["actions/upload-artifact", uploadArtifact],
  ["actions/download-artifact", transfer(async () => (await import("./artifact.ts")).downloadArtifact)],
  ["actions/cache", transfer(async () => (await import("./cache.ts")).cache)],
  ["actions/cache/restore", transfer(async () => (await import("./cache.ts")).restoreCache)],
  ["actions/cache/save", transfer(async () => (await import("./cache.ts")).saveCache)],
]);

/** A transfer can hang as long as the server does: a cancel or timeout does not wait for it. */
function transfer(load: () => Promise<BuiltIn>): BuiltIn {
  return async (execution, inputs) => {
    const builtin = await load();
    return orAborted(builtin(execution, inputs), execution.signal);
  };
}
