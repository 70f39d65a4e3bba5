import { evaluateCondition, statusFunctions, type Contexts, type ExpressionFunctions } from "../expression/index.ts";
import { isJsonObject, type Json } from "../model/index.ts";
import type { Frame } from "./state.ts";

/** What expressions of a step may name. `env` is looked up when it is used: variables added later are seen. */
export function contextsFor(
  frame: Frame,
  env: Readonly<Record<string, string>>,
  github: Readonly<Record<string, Json>>,
): Contexts {
  const { job, action } = frame;
  // An action sees of the secrets what it is given as inputs.
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

/** The functions of an `if`. Inside a composite action they ask about the action's own steps. */
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

/** Decides a condition between the steps of the job, as it stands now. @param inputs those of the action that asks, in place of the workflow's. */
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
