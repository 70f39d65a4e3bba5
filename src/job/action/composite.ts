import type { StepPlan } from "../../model/index.ts";
import { evaluateText } from "../../expression/index.ts";
import { conditionFunctions, contextsFor } from "../contexts.ts";
import type { Ending, Frame, Post } from "../state.ts";
import { stepName } from "../step-name.ts";
import type { Call } from "./call.ts";
import type { Inputs } from "./inputs.ts";
import type { Manifest } from "./manifest.ts";
import { runPosts } from "./posts.ts";

export interface Composite {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly steps: readonly StepPlan[];
  readonly inputs: Inputs;
}

/** Runs the steps of a composite action, in its own frame and in the log of the step that uses it. */
export async function runComposite(call: Call, composite: Composite): Promise<Ending> {
  const frame: Frame = {
    job: call.job,
    status: "success",
    steps: {},
    overrides: overridesOf(call),
    action: { inputs: composite.inputs, folder: composite.folder },
    posts: [],
    depth: call.frame.depth + 1,
  };
  // Registered before the steps run: what they register is done even if one of them fails.
  call.frame.posts.push(nestedPosts(call, frame));
  let last: Ending = { status: "success" };
  for (const step of composite.steps) {
    if (call.signal.aborted) return { status: "cancelled" };
    const result = await call.job.runStep(frame, step, {
      log: call.log,
      signal: call.signal,
      begin: (name) => call.log.line(`##[command]${name.split("\n")[0] ?? ""}`),
      timedOut: () => undefined,
    });
    if (result.status === "failure" && !result.allowed && last.status === "success") last = result;
  }
  const contexts = contextsFor(frame, call.env, {});
  for (const [name, value] of Object.entries(composite.manifest.outputs)) {
    if (value !== undefined) call.effects.setOutput(name, evaluateText(value, contexts, call.job.functions));
  }
  if (call.signal.aborted) return { status: "cancelled" };
  return frame.status === "success" ? { status: "success" } : { ...last, status: "failure" };
}

/** The variables that the steps around the action set; GITHUB_ENV of the job is below them, and read anew for every step. */
function overridesOf(call: Call): Readonly<Record<string, string>> {
  const { env } = call.step;
  const names =
    "$expr" in env ? Object.keys(call.env).filter((name) => call.env[name] !== call.job.env[name]) : Object.keys(env);
  return { ...call.frame.overrides, ...Object.fromEntries(names.map((name) => [name, call.env[name] ?? ""])) };
}

/** The post steps of everything inside, as one step of the job. */
function nestedPosts(call: Call, frame: Frame): Post {
  return {
    id: call.step.id,
    name: stepName(call.step, call.contexts(), call.frame).replace(/^Run /, ""),
    isNeeded: () => frame.posts.some((post) => post.isNeeded?.() ?? true),
    run: ({ log, signal }) =>
      runPosts(frame.posts, {
        log,
        signal,
        functions: () => conditionFunctions(call.job.frame),
        contexts: () => contextsFor(frame, call.env, {}),
      }),
  };
}
