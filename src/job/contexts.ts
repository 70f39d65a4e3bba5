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
    job: { ...jobContext(job.contexts["job"]), status: job.frame.status },
    steps: frame.steps,
    env,
    ...(action === undefined ? {} : { inputs: action.inputs }),
  };
}

/** The functions of an `if`. Inside a composite action they ask about the action's own steps. */
export function conditionFunctions(frame: Frame, status = frame.status): ExpressionFunctions {
  const cancelled = frame.job.frame.status === "cancelled" || status === "cancelled";
  return {
    ...frame.job.functions,
    ...statusFunctions({
      success: !cancelled && status === "success",
      failure: !cancelled && status === "failure",
      cancelled,
    }),
  };
}

/** Decides a condition between the steps of the job, as it stands now. @param inputs those of the action that asks, in place of the workflow's. */
export function conditionHolds(frame: Frame, condition: string, inputs?: Readonly<Record<string, Json>>): boolean {
  const contexts = contextsFor(frame, frame.job.env, {});
  return evaluateCondition(
    { $expr: condition },
    inputs === undefined ? contexts : { ...contexts, inputs },
    conditionFunctions(frame),
  );
}

function jobContext(value: Json | undefined): Readonly<Record<string, Json>> {
  return isJsonObject(value) ? value : {};
}
