import type { Ending } from "../state.ts";
import { runContainer } from "./container.ts";
import type { StepExecution } from "./execution.ts";
import { playStep } from "./play.ts";
import { runScript } from "./script.ts";

/**
 * Performs the step's action. Rejects with a SluiceError that says why it could not. Modules that only some actions
 * need (archives, manifests) load on first use: a run of plain scripts starts without them.
 */
export async function runAction(execution: StepExecution): Promise<Ending> {
  const { step, job, log } = execution;
  const { action } = step;
  if (action.type === "wait") return job.background.wait(log, action.steps);
  if (action.type === "cancel") return job.background.cancel(log, action.steps);
  if (!job.environment.capabilities.executes) return playStep(execution, action);
  switch (action.type) {
    case "run":
      return runScript(execution, action);
    case "uses":
      return (await import("./uses.ts")).runUses(execution, action);
    case "container":
      return runContainer(execution, action);
    case "typed":
      return (await import("./typed.ts")).runTyped(execution, action);
  }
}
