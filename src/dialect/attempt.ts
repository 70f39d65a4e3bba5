import { isJsonObject, type Plan } from "../model/index.ts";

/** Plans are compiled for a run's first attempt: a later one is told its number wherever its dialect shows it. */
export function planOfAttempt<P extends Pick<Plan, "contexts" | "systemEnv">>(plan: P, attempt: number): P {
  if (attempt === 1) return plan;
  const { github } = plan.contexts;
  const contexts =
    isJsonObject(github) && "run_attempt" in github
      ? { ...plan.contexts, github: { ...github, run_attempt: String(attempt) } }
      : plan.contexts;
  const systemEnv =
    "GITHUB_RUN_ATTEMPT" in plan.systemEnv
      ? { ...plan.systemEnv, GITHUB_RUN_ATTEMPT: String(attempt) }
      : plan.systemEnv;
  return { ...plan, contexts, systemEnv };
}
