import { join } from "node:path";
import { evaluateCondition } from "../../expression/index.ts";
import { SluiceError } from "../../model/index.ts";
import { conditionFunctions } from "../contexts.ts";
import type { Ending } from "../state.ts";
import { StepExecution } from "./execution.ts";
import { inputEnvironment, type Inputs } from "./inputs.ts";
import type { JavaScriptRuns } from "./manifest.ts";

export interface JavaScriptAction {
  readonly folder: string;
  readonly runs: JavaScriptRuns;
  readonly inputs: Inputs;
}

/** Runs a JavaScript action on the environment's Node, and registers its post step. Its `pre` runs right before it. */
export async function runJavaScript(execution: StepExecution, action: JavaScriptAction): Promise<Ending> {
  const { runs, inputs } = action;
  const env = inputEnvironment(inputs);
  if (runs.pre !== undefined && (await holds(execution, inputs, runs.preIf))) {
    const before = await start(execution, action, runs.pre, env);
    if (before.status !== "success") return before;
  }
  const { post } = runs;
  if (post !== undefined)
    registerPost(execution, { condition: runs.postIf, inputs }, (later) =>
      start(later, action, post, { ...env, ...stateEnvironment(execution) }),
    );
  return start(execution, action, runs.main, { ...env, ...stateEnvironment(execution) });
}

/** Registers an action's work at the end of the job. @param run receives the step as it is then */
export function registerPost(
  execution: StepExecution,
  { condition, inputs }: { readonly condition: string | undefined; readonly inputs: Inputs },
  run: (later: StepExecution) => Promise<Ending>,
): void {
  execution.frame.posts.push({
    id: execution.step.id,
    name: execution.name.replace(/^Run /, ""),
    ...(condition === undefined ? {} : { condition }),
    inputs,
    run: ({ log, signal }) => {
      const { frame, step, name } = execution;
      // What steps have written to GITHUB_ENV since then counts, below the step's own variables.
      const env = { ...execution.env, ...changedSince(execution) };
      return run(new StepExecution({ frame, step, log, signal, env, name }));
    },
  });
}

function changedSince({ step, frame, job }: StepExecution): Readonly<Record<string, string>> {
  const own = new Set([...("$expr" in step.env ? [] : Object.keys(step.env)), ...Object.keys(frame.overrides)]);
  return Object.fromEntries(Object.entries(job.env).filter(([name]) => !own.has(name)));
}

async function start(
  execution: StepExecution,
  action: JavaScriptAction,
  script: string,
  env: Readonly<Record<string, string>>,
): Promise<Ending> {
  const { environment } = execution.job;
  const file = join(action.folder, script);
  const [entry] = await environment.stat([file]);
  if (entry?.kind !== "file") {
    throw new SluiceError("step-unresolved", `The action's program ${file} does not exist.`, {
      help: "Check that it is built and committed, and check the action's `runs`.",
    });
  }
  const node = await environment.tool("node", execution.path);
  if (node === undefined)
    throw new SluiceError(
      "step-unresolved",
      "JavaScript actions need Node, which the job's environment does not have.",
      {
        help: "Run the job in an image with Node, or without a container.",
      },
    );
  return execution.run({
    description: { kind: "plugin", name: execution.name, lines: [file] },
    ...node,
    args: [file],
    cwd: environment.folders.workspace,
    env: { ...env, GITHUB_ACTION_PATH: action.folder },
  });
}

/** The state an action saved for its post step. */
export function stateEnvironment({ effects }: StepExecution): Record<string, string> {
  return Object.fromEntries(Object.entries(effects.state).map(([name, value]) => [`STATE_${name}`, value]));
}

/** Evaluates `pre-if` as written; `inputs` are the action's own. */
export async function holds(execution: StepExecution, inputs: Inputs, condition: string | undefined): Promise<boolean> {
  if (condition === undefined) return true;
  return execution.job.evaluate((functions) =>
    evaluateCondition(
      { $expr: condition },
      { ...execution.contexts(), inputs },
      conditionFunctions(execution.frame, functions),
    ),
  );
}
