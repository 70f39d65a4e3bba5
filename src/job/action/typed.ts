import { evaluateTemplate, textOf } from "../../expression/index.ts";
import type { Json, StepAction } from "../../model/index.ts";
import { uploadArtifact } from "../builtin/index.ts";
import { checkout } from "../checkout/checkout.ts";
import type { Ending } from "../state.ts";
import type { StepExecution } from "./execution.ts";
import type { Inputs } from "./inputs.ts";

/** Runs a step type of the native dialect. */
export async function runTyped(
  execution: StepExecution,
  action: Extract<StepAction, { type: "typed" }>,
): Promise<Ending> {
  const contexts = execution.contexts();
  const config = await execution.job.evaluate((functions) =>
    Object.fromEntries(
      Object.entries(action.config).map(([key, value]) => [
        key.replaceAll("_", "-"),
        evaluateTemplate(value, contexts, functions),
      ]),
    ),
  );
  switch (action.kind) {
    case "checkout":
      return checkout(execution, asInputs(config));
    case "upload_artifact":
      return uploadArtifact(execution, asInputs(config));
    case "update_status":
      return updateStatus(execution, asInputs(config));
  }
}

/** A request to the server: runners cannot send it yet, so the log shows what would be sent, and the step succeeds. */
function updateStatus(execution: StepExecution, config: Inputs): Promise<Ending> {
  const what = Object.entries(config).map(([key, value]) => `${key} ${value}`);
  execution.log.notice(
    `The status (${what.join(", ") || "empty"}) is only recorded here: steps cannot set it on the forge yet.`,
  );
  return Promise.resolve({ status: "success", exitCode: 0 });
}

/** Lists become lines, as in action inputs. */
function asInputs(config: Readonly<Record<string, Json>>): Inputs {
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [
      key,
      Array.isArray(value) ? value.map((item: Json) => textOf(item)).join("\n") : textOf(value),
    ]),
  );
}
