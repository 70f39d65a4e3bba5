import type { StepPlan } from "../../model/index.ts";
import { contextsFor } from "../contexts.ts";
import type { Ending, Frame, Post } from "../state.ts";
import type { StepExecution } from "./execution.ts";
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
export async function runComposite(execution: StepExecution, composite: Composite): Promise<Ending> {
  const frame: Frame = {
    job: execution.job,
    status: "success",
    steps: {},
    overrides: overridesOf(execution),
    action: { inputs: composite.inputs, folder: composite.folder },
    posts: [],
    depth: execution.frame.depth + 1,
  };
  // Registered before the steps run: what they register runs even if one of them fails.
  execution.frame.posts.push(nestedPosts(execution, frame));
  let last: Ending = { status: "success" };
  for (const step of composite.steps) {
    if (execution.signal.aborted) return { status: "cancelled" };
    const result = await execution.job.runStep(frame, step, {
      log: execution.log,
      signal: execution.signal,
      begin: (name) => execution.log.line(`##[command]${name.split("\n")[0] ?? ""}`),
      timedOut: () => undefined,
    });
    if (result.status === "failure" && !result.allowed && last.status === "success") last = result;
  }
  const contexts = contextsFor(frame, execution.env, {});
  for (const [name, value] of Object.entries(composite.manifest.outputs)) {
    if (value !== undefined) execution.effects.setOutput(name, await execution.text(value, contexts));
  }
  if (execution.signal.aborted) return { status: "cancelled" };
  return frame.status === "success" ? { status: "success" } : { ...last, status: "failure" };
}

/**
 * Variables of the steps around the action; the job's GITHUB_ENV variables are below them, and read again for every
 * step.
 */
function overridesOf(execution: StepExecution): Readonly<Record<string, string>> {
  const { env } = execution.step;
  const names =
    "$expr" in env
      ? Object.keys(execution.env).filter((name) => execution.env[name] !== execution.job.env[name])
      : Object.keys(env);
  return {
    ...execution.frame.overrides,
    ...Object.fromEntries(names.map((name) => [name, execution.env[name] ?? ""])),
  };
}

/** The post steps of everything inside, as one step of the job. */
function nestedPosts(execution: StepExecution, frame: Frame): Post {
  return {
    id: execution.step.id,
    name: execution.name.replace(/^Run /, ""),
    isNeeded: () => frame.posts.some((post) => post.isNeeded?.() ?? true),
    run: ({ log, signal }) =>
      runPosts(frame.posts, {
        log,
        signal,
        job: execution.job,
        contexts: () => contextsFor(frame, execution.env, {}),
      }),
  };
}
