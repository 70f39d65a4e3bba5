import { evaluateCondition, statusFunctions, type Contexts, type ExpressionFunctions } from "../expression/index.ts";
import { isJsonObject, type Json } from "../model/index.ts";
import type { Frame } from "./state.ts";

/** The contexts of a step's expressions. `env` is resolved on use: variables added later are visible. */
export function contextsFor(
  frame: Frame,
  env: Readonly<Record<string, string>>,
  github: Readonly<Record<string, Json>>,
): Contexts {
  const { job, action } = frame;
  // An action only sees the secrets it gets as inputs.
  const { secrets, ...ofActions } = job.contexts;
  return {
    ...ofActions,
    ...(action === undefined && secrets !== undefined ? { secrets } : {}),
    github:
      action === undefined
        ? { ...job.github, ...github }
        : { ...job.github, ...github, action_path: action.folder, action_status: frame.status },
    job: {
      ...jobContext(job.contexts["job"]),
      ...job.environment.jobContext,
      services: job.services,
      status: job.frame.status,
    },
    steps: frame.steps,
    env,
    ...(action === undefined ? {} : { inputs: action.inputs }),
  };
}

/** The functions of an `if`. Inside a composite action they are about the action's own steps. */
export function conditionFunctions(frame: Frame, functions: ExpressionFunctions): ExpressionFunctions {
  const { status } = frame;
  const cancelled = frame.job.frame.status === "cancelled" || status === "cancelled";
  return {
    ...functions,
    ...statusFunctions({
      success: !cancelled && status === "success",
      failure: !cancelled && status === "failure",
      cancelled,
    }),
  };
}

/**
 * Evaluates a condition between the steps of the job, in its current state. @param inputs those of the action, instead
 * of the workflow's.
 */
export async function conditionHolds(
  frame: Frame,
  condition: string,
  inputs?: Readonly<Record<string, Json>>,
): Promise<boolean> {
  const contexts = contextsFor(frame, frame.job.env, {});
  return frame.job.evaluate((functions) =>
    evaluateCondition(
      { $expr: condition },
      inputs === undefined ? contexts : { ...contexts, inputs },
      conditionFunctions(frame, functions),
    ),
  );
}

function jobContext(value: Json | undefined): Readonly<Record<string, Json>> {
  return isJsonObject(value) ? value : {};
}
