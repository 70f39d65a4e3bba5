import { mkdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Call } from "../action/call.ts";
import type { JobRun } from "../state.ts";
import type { CheckoutOptions } from "./checkout.ts";
import { copyFolder } from "./folder.ts";
import { Git } from "./git.ts";
import { authorization, fetchCommit } from "./remote.ts";

const trees = new WeakMap<JobRun, Promise<string>>();

/**
 * The repository at the run's commit, in a folder beside the workspace, made when an action first asks for it with
 * `$/path`: no step has written there, and none needs to check anything out.
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsuses
 * @throws SluiceError `git-failed`.
 */
export function ownTree(call: Call): Promise<string> {
  const known = trees.get(call.job);
  if (known !== undefined) return known;
  const made = make(call);
  trees.set(call.job, made);
  // One that could not be made is tried again by whoever asks next.
  made.catch(() => trees.delete(call.job));
  return made;
}

async function make(call: Call): Promise<string> {
  const { assignment, folders, masker } = call.job;
  const { source } = assignment;
  const target = join(folders.root, "own");
  await rm(target, { recursive: true, force: true });
  mkdirSync(target);
  const token = source.kind === "git" ? source.token : undefined;
  const options: CheckoutOptions = { ref: "", depth: 1, tags: false, keepCredentials: false, token };
  if (source.kind === "git")
    await fetchCommit(call, new Git(call, authorization(source.url, token, masker)), source, options, target);
  else await copyFolder(call, new Git(call), source, options, target);
  return target;
}
