import { conditionOf, evaluateCondition, evaluateCount, evaluateFlag, type Contexts } from "../expression/index.ts";
import { messageOf, type StepPlan } from "../model/index.ts";
import { Call } from "./action/call.ts";
import { carryOut } from "./action/carry-out.ts";
import { conditionFunctions, contextsFor } from "./contexts.ts";
import { evaluateEnvironment } from "./environment/evaluate.ts";
import { stepName, tell } from "./step-name.ts";
import type { Ending, Frame, StepHost, StepResult } from "./state.ts";

/**
 * Runs one step in its frame: variables, condition, action, whether a failure counts, the `steps` context.
 * Never rejects: whatever goes wrong is the step's failure, told in its log.
 */
export async function runStep(frame: Frame, step: StepPlan, host: StepHost): Promise<StepResult> {
  let effects: Call["effects"] | undefined;
  let result: StepResult;
  try {
    const env: Record<string, string> = { ...frame.job.env, ...frame.overrides };
    const contexts = contextsFor(frame, env, { action: step.id });
    evaluateEnvironment(step.env, contexts, frame.job.functions, env);
    if (
      !evaluateCondition(
        step.if === undefined ? undefined : { $expr: conditionOf(step.if.$expr) },
        contexts,
        conditionFunctions(frame),
      )
    ) {
      record(frame, step, { status: "skipped", allowed: false }, {});
      return { status: "skipped", allowed: false };
    }
    const name = stepName(step, contexts, frame);
    const call = new Call({ frame, step, log: host.log, signal: host.signal, env, name });
    effects = call.effects;
    const minutes =
      step.timeoutMinutes === undefined ? 0 : evaluateCount(step.timeoutMinutes, contexts, frame.job.functions);
    host.begin(name, minutes > 0 ? minutes * 60_000 : undefined);
    result = settle(frame, step, host, await attempt(call, host), contexts);
  } catch (error) {
    // The step's own texts cannot be evaluated: it counts as begun, and failed.
    host.begin(typeof step.name === "string" ? step.name : step.id, undefined);
    tell(host.log, error);
    result = { status: "failure", allowed: false, reason: messageOf(error) };
  }
  await host.log.flush();
  record(frame, step, result, effects?.outputs ?? {});
  if (result.status === "failure" && !result.allowed && frame.status === "success") frame.status = "failure";
  return result;
}

async function attempt(call: Call, host: StepHost): Promise<Ending> {
  // Nothing may begin any more: it would be killed, but not before it had done something.
  if (host.signal.aborted) return { status: "cancelled" };
  let ending: Ending;
  try {
    ending = await carryOut(call, () => host.up?.());
  } catch (error) {
    if (!host.signal.aborted) tell(host.log, error);
    ending = { status: host.signal.aborted ? "cancelled" : "failure", reason: messageOf(error) };
  }
  const late = host.timedOut();
  if (late === undefined || ending.status === "success") return ending;
  host.log.error(late);
  return { ...ending, status: "failure", reason: late };
}

function settle(frame: Frame, step: StepPlan, host: StepHost, ending: Ending, contexts: Contexts): StepResult {
  if (ending.status !== "failure" || step.continueOnError === undefined || ending.notStarted === true)
    return { ...ending, allowed: false };
  try {
    return { ...ending, allowed: evaluateFlag(step.continueOnError, contexts, frame.job.functions) };
  } catch (error) {
    tell(host.log, error);
    return { ...ending, allowed: false };
  }
}

function record(frame: Frame, step: StepPlan, result: StepResult, outputs: Readonly<Record<string, string>>): void {
  if (step.id.startsWith("__")) return;
  frame.steps[step.id] = {
    outputs: { ...outputs },
    outcome: result.status,
    conclusion: result.allowed ? "success" : result.status,
  };
}
