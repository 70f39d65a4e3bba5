import { conditionOf, evaluateCondition, evaluateCount, evaluateFlag, type Contexts } from "../expression/index.ts";
import { messageOf, type StepPlan } from "../model/index.ts";
import { StepExecution } from "./action/execution.ts";
import { runAction } from "./action/run.ts";
import { conditionFunctions, contextsFor } from "./contexts.ts";
import { logError, stepName } from "./step-name.ts";
import type { Ending, Frame, StepControls, StepResult } from "./state.ts";
import { evaluateVariables } from "./variables.ts";

/**
 * Runs one step in its frame: variables, condition, action, whether a failure counts, the `steps` context. Never
 * rejects: any error is the step's failure, and in its log.
 */
export async function runStep(frame: Frame, step: StepPlan, controls: StepControls): Promise<StepResult> {
  let effects: StepExecution["effects"] | undefined;
  let result: StepResult;
  try {
    const { env, contexts, wanted } = await prepared(frame, step);
    if (!wanted) {
      record(frame, step, { status: "skipped", allowed: false }, {});
      return { status: "skipped", allowed: false };
    }
    const name = await stepName(step, contexts, frame);
    const { log, signal } = controls;
    const execution = new StepExecution({ frame, step, log, signal, env, name, up: () => controls.up?.() });
    effects = execution.effects;
    controls.begin(name, await limitOf(frame, step, contexts));
    result = await settle(frame, step, controls, await attempt(execution, controls), contexts);
  } catch (error) {
    // The step's own texts cannot be evaluated: it counts as started and failed.
    controls.begin(typeof step.name === "string" ? step.name : step.id, undefined);
    logError(controls.log, error);
    result = { status: "failure", allowed: false, reason: messageOf(error) };
  }
  await controls.log.flush();
  record(frame, step, result, effects?.outputs ?? {});
  if (result.status === "failure" && !result.allowed && frame.status === "success") frame.status = "failure";
  return result;
}

/** The step's variables and contexts, and whether it should run. */
function prepared(
  frame: Frame,
  step: StepPlan,
): Promise<{ readonly env: Readonly<Record<string, string>>; readonly contexts: Contexts; readonly wanted: boolean }> {
  return frame.job.evaluate((functions) => {
    const around: Record<string, string> = { ...frame.job.env, ...frame.overrides };
    const github = { action: step.id };
    const env = evaluateVariables(step.env, contextsFor(frame, around, github), functions, around);
    const contexts = contextsFor(frame, env, github);
    const condition = step.if === undefined ? undefined : { $expr: conditionOf(step.if.$expr) };
    return { env, contexts, wanted: evaluateCondition(condition, contexts, conditionFunctions(frame, functions)) };
  });
}

/** The step's own timeout, in milliseconds. */
async function limitOf(frame: Frame, step: StepPlan, contexts: Contexts): Promise<number | undefined> {
  const { timeoutMinutes } = step;
  if (timeoutMinutes === undefined) return undefined;
  const minutes = await frame.job.evaluate((functions) => evaluateCount(timeoutMinutes, contexts, functions));
  return minutes > 0 ? minutes * 60_000 : undefined;
}

async function attempt(execution: StepExecution, { signal, log, timedOut }: StepControls): Promise<Ending> {
  // Nothing may start any more: it would be killed, but only after it had done something.
  if (signal.aborted) return { status: "cancelled" };
  let ending: Ending;
  try {
    ending = await runAction(execution);
  } catch (error) {
    if (!signal.aborted) logError(log, error);
    ending = { status: signal.aborted ? "cancelled" : "failure", reason: messageOf(error) };
  }
  const late = timedOut();
  if (late === undefined || ending.status === "success") return ending;
  log.error(late);
  return { ...ending, status: "failure", reason: late };
}

async function settle(
  frame: Frame,
  { continueOnError }: StepPlan,
  { log }: StepControls,
  ending: Ending,
  contexts: Contexts,
): Promise<StepResult> {
  if (ending.status !== "failure" || continueOnError === undefined || ending.notStarted === true)
    return { ...ending, allowed: false };
  try {
    const allowed = await frame.job.evaluate((functions) => evaluateFlag(continueOnError, contexts, functions));
    return { ...ending, allowed };
  } catch (error) {
    logError(log, error);
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
