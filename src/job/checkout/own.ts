import { join } from "node:path";
import type { StepExecution } from "../action/execution.ts";
import type { JobRun } from "../state.ts";
import { bringCommit } from "./bring.ts";

const trees = new WeakMap<JobRun["environment"], Promise<string>>();

/**
 * The repository at the run's commit, in a folder beside the workspace, created when an action first uses `$/path`: no
 * step has written there, and none needs to check anything out.
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsuses
 * @throws SluiceError `git-failed`.
 */
export function ownTree(execution: StepExecution): Promise<string> {
  const { environment } = execution.job;
  const known = trees.get(environment);
  if (known !== undefined) return known;
  const made = make(execution);
  trees.set(environment, made);
  // After a failure the next caller tries again.
  made.catch(() => trees.delete(environment));
  return made;
}

async function make(execution: StepExecution): Promise<string> {
  const { assignment, environment } = execution.job;
  const { source } = assignment;
  const target = join(environment.folders.job, "own");
  await environment.remove([target]);
  await environment.makeFolder(target, target);
  const token = source.kind === "git" ? source.token : undefined;
  await bringCommit(execution, { ref: "", depth: 1, tags: false, keepCredentials: false, token }, target);
  return target;
}
