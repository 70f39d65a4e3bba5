import type { Ending } from "../state.ts";
import type { Call } from "./call.ts";
import { runContainer } from "./container.ts";
import { runScript } from "./script.ts";
import { runDummy } from "../backend/dummy/dummy.ts";

/**
 * Does what the step is there for. Rejects with a SluiceError that says why it could not. What actions need (archives,
 * manifests) is loaded when the first of them comes: a run of plain scripts starts without it.
 */
export async function carryOut(call: Call, up: () => void): Promise<Ending> {
  const { action } = call.step;
  if (action.type === "wait") return call.job.background.wait(call, action.steps);
  if (action.type === "cancel") return call.job.background.cancel(call, action.steps);
  if (call.job.ports.backend === "dummy") return runDummy(call, up);
  up();
  switch (action.type) {
    case "run":
      return runScript(call, action);
    case "uses":
      return (await import("./uses.ts")).runUses(call, action);
    case "container":
      return runContainer(call, action);
    case "typed":
      return (await import("./typed.ts")).runTyped(call, action);
  }
}
