import { mkdirSync, readdirSync, realpathSync, statSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { SluiceError, type Source } from "../../model/index.ts";
import type { Call } from "../action/call.ts";
import type { Inputs } from "../action/inputs.ts";
import { isWithin } from "../archive/glob.ts";
import type { Ending } from "../state.ts";
import { copyFolder } from "./folder.ts";
import { Git } from "./git.ts";
import { authorization, fetchCommit } from "./remote.ts";

export interface CheckoutOptions {
  /** What the author asked for besides the run's own commit. */
  readonly ref: string;
  readonly depth: number;
  readonly tags: boolean;
  readonly keepCredentials: boolean;
  readonly token: string | undefined;
}

/**
 * `actions/checkout`, built in: brings the run's commit into the workspace.
 * Inputs: https://github.com/actions/checkout#usage.
 */
export async function checkout(call: Call, inputs: Inputs): Promise<Ending> {
  const { assignment, folders } = call.job;
  const { source } = assignment;
  const repository = inputs["repository"] ?? "";
  if (repository !== "" && repository.toLowerCase() !== assignment.repository.toLowerCase()) {
    throw new SluiceError(
      "workflow-unsupported",
      `checkout can fetch the run's own repository ${assignment.repository}, not ${repository}.`,
      { help: "Clone it in a `run:` step, with a token of yours as a secret." },
    );
  }
  for (const name of ["sparse-checkout", "filter", "ssh-key"])
    if ((inputs[name] ?? "") !== "") call.log.warning(`checkout does not know the input ${name} yet: it is ignored.`);
  const target = targetOf(folders.workspace, inputs["path"] ?? "");
  const options: CheckoutOptions = {
    ref: inputs["ref"] ?? "",
    depth: depthOf(inputs["fetch-depth"] ?? ""),
    tags: isTrue(inputs["fetch-tags"]),
    keepCredentials: (inputs["persist-credentials"] ?? "true").trim().toLowerCase() !== "false",
    token: inputs["token"] ?? (source.kind === "git" ? source.token : undefined),
  };
  await clear(target, (inputs["clean"] ?? "true") !== "false");
  const git = new Git(call, source.kind === "git" ? authorization(source.url, options.token, call.job.masker) : []);
  if (source.kind === "git") await fetchCommit(call, git, source, options, target);
  else await copyFolder(call, git, source, options, target);
  await submodules(git, inputs["submodules"] ?? "", options.depth, target);
  if (isTrue(inputs["lfs"])) await git.run(["lfs", "pull"], target);
  await tellOutputs(call, git, source, options, target);
  return { status: "success", exitCode: 0 };
}

function targetOf(workspace: string, path: string): string {
  const target = resolve(workspace, path);
  if (!isWithin(target, workspace))
    throw new SluiceError("workflow-unsupported", `The path ${path} of the checkout lies outside of the workspace.`, {
      help: "Choose a folder below the workspace.",
    });
  mkdirSync(target, { recursive: true });
  if (!isWithin(realpathSync(target), realpathSync(workspace)))
    throw new SluiceError(
      "workflow-unsupported",
      `The path ${path} of the checkout leads outside of the workspace through a link.`,
    );
  return target;
}

/** A checkout begins in an empty folder; `clean: false` leaves one alone that is a checkout already. */
async function clear(target: string, clean: boolean): Promise<void> {
  if (!clean && statSync(join(target, ".git"), { throwIfNoEntry: false }) !== undefined) return;
  await Promise.all(readdirSync(target).map((name) => rm(join(target, name), { recursive: true, force: true })));
}

async function submodules(git: Git, wanted: string, depth: number, target: string): Promise<void> {
  if (!isTrue(wanted) && wanted !== "recursive") return;
  const recursive = wanted === "recursive" ? ["--recursive"] : [];
  await git.run(["submodule", "sync", ...recursive], target);
  await git.run(
    ["submodule", "update", "--init", "--force", ...(depth > 0 ? [`--depth=${depth}`] : []), ...recursive],
    target,
  );
}

async function tellOutputs(
  call: Call,
  git: Git,
  source: Source,
  options: CheckoutOptions,
  target: string,
): Promise<void> {
  call.effects.setOutput("ref", options.ref === "" ? source.ref : options.ref);
  const isRepository = statSync(join(target, ".git"), { throwIfNoEntry: false }) !== undefined;
  const commit = isRepository ? await git.answer(["rev-parse", "--verify", "--quiet", "HEAD"], target) : undefined;
  if (commit !== undefined) call.effects.setOutput("commit", commit);
}

function depthOf(text: string): number {
  if (text.trim() === "") return 1;
  const depth = Number(text);
  if (!Number.isInteger(depth) || depth < 0)
    throw new SluiceError(
      "workflow-schema",
      `fetch-depth is "${text}"; it must be a whole number, 0 for the whole history.`,
    );
  return depth;
}

function isTrue(text: string | undefined): boolean {
  return text?.trim().toLowerCase() === "true";
}
