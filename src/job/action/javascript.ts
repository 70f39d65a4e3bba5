import { statSync } from "node:fs";
import { join } from "node:path";
import { evaluateCondition } from "../../expression/index.ts";
import { SluiceError } from "../../model/index.ts";
import { conditionFunctions } from "../contexts.ts";
import type { Ending } from "../state.ts";
import { stepName } from "../step-name.ts";
import { Call } from "./call.ts";
import { inputEnvironment, type Inputs } from "./inputs.ts";
import type { JavaScriptRuns } from "./manifest.ts";

export interface JavaScriptAction {
  readonly folder: string;
  readonly runs: JavaScriptRuns;
  readonly inputs: Inputs;
}

/** Runs a JavaScript action on the Node that runs us, and registers its post step. Its `pre` runs right before it. */
export async function runJavaScript(call: Call, action: JavaScriptAction): Promise<Ending> {
  const { runs } = action;
  const env = inputEnvironment(action.inputs);
  if (runs.pre !== undefined && holds(call, action, runs.preIf)) {
    const before = await start(call, action, runs.pre, env);
    if (before.status !== "success") return before;
  }
  if (runs.post !== undefined) registerPost(call, action, runs.post, env);
  return start(call, action, runs.main, { ...env, ...stateEnvironment(call) });
}

function registerPost(
  call: Call,
  action: JavaScriptAction,
  script: string,
  env: Readonly<Record<string, string>>,
): void {
  call.frame.posts.push({
    id: call.step.id,
    name: stepName(call.step, call.contexts(), call.frame).replace(/^Run /, ""),
    ...(action.runs.postIf === undefined ? {} : { condition: action.runs.postIf }),
    inputs: action.inputs,
    run: ({ log, signal }) => {
      const { frame, step, name } = call;
      // What steps wrote to GITHUB_ENV since counts, below the step's own variables.
      const post = new Call({ frame, step, log, signal, env: { ...call.env, ...changedSince(call) }, name });
      return start(post, action, script, { ...env, ...stateEnvironment(call) });
    },
  });
}

function changedSince(call: Call): Readonly<Record<string, string>> {
  const own = new Set([
    ...("$expr" in call.step.env ? [] : Object.keys(call.step.env)),
    ...Object.keys(call.frame.overrides),
  ]);
  return Object.fromEntries(Object.entries(call.job.env).filter(([name]) => !own.has(name)));
}

function start(
  call: Call,
  action: JavaScriptAction,
  script: string,
  env: Readonly<Record<string, string>>,
): Promise<Ending> {
  const file = join(action.folder, script);
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) {
    throw new SluiceError("step-unresolved", `The action's program ${file} does not exist.`, {
      help: "Is it built and committed? Check the action's `runs`.",
    });
  }
  return call.process({
    file: process.execPath,
    args: [file],
    cwd: call.job.folders.workspace,
    env: { ...env, GITHUB_ACTION_PATH: action.folder },
  });
}

function stateEnvironment(call: Call): Record<string, string> {
  return Object.fromEntries(Object.entries(call.effects.state).map(([name, value]) => [`STATE_${name}`, value]));
}

/** `pre-if`, as it is written; the action's own inputs are its `inputs`. */
function holds(call: Call, { inputs }: JavaScriptAction, condition: string | undefined): boolean {
  return (
    condition === undefined ||
    evaluateCondition({ $expr: condition }, { ...call.contexts(), inputs }, conditionFunctions(call.frame))
  );
}
