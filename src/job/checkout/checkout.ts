import { join, resolve } from "node:path";
import { SluiceError } from "../../model/index.ts";
import type { StepExecution } from "../action/execution.ts";
import type { Inputs } from "../action/inputs.ts";
import { isWithin } from "../archive/paths.ts";
import type { Environment } from "../backend/port.ts";
import type { Ending } from "../state.ts";
import { bringCommit } from "./bring.ts";
import type { Git } from "./git.ts";
import type { CheckoutOptions } from "./options.ts";

/**
 * `actions/checkout`, built in: brings the run's commit into the workspace.
 * Inputs: https://github.com/actions/checkout#usage.
 */
export async function checkout(execution: StepExecution, inputs: Inputs): Promise<Ending> {
  const { assignment, environment } = execution.job;
  const { source } = assignment;
  const repository = inputs["repository"] ?? "";
  if (repository !== "" && repository.toLowerCase() !== assignment.repository.toLowerCase()) {
    throw new SluiceError(
      "workflow-unsupported",
      `checkout can only fetch the run's own repository ${assignment.repository}, not ${repository}.`,
      { help: "Clone it in a `run:` step, with your own token as a secret." },
    );
  }
  for (const name of ["sparse-checkout", "filter", "ssh-key"])
    if ((inputs[name] ?? "") !== "")
      execution.log.warning(`checkout does not support the input ${name} yet and ignores it.`);
  const target = await targetOf(environment, inputs["path"] ?? "");
  const options: CheckoutOptions = {
    ref: inputs["ref"] ?? "",
    depth: depthOf(inputs["fetch-depth"] ?? ""),
    tags: isTrue(inputs["fetch-tags"]),
    keepCredentials: (inputs["persist-credentials"] ?? "true").trim().toLowerCase() !== "false",
    token: inputs["token"] ?? (source.kind === "git" ? source.token : undefined),
  };
  await clear(environment, target, (inputs["clean"] ?? "true") !== "false");
  await bringCommit(execution, options, target, async (git, folder) => {
    await submodules(git, inputs["submodules"] ?? "", options.depth, folder);
    if (isTrue(inputs["lfs"])) await git.run(["lfs", "pull"], folder);
    await setOutputs(execution, git, options, folder);
  });
  return { status: "success", exitCode: 0 };
}

async function targetOf(environment: Environment, path: string): Promise<string> {
  const { workspace } = environment.folders;
  const target = resolve(workspace, path);
  if (!isWithin(target, workspace))
    throw new SluiceError("workflow-unsupported", `The checkout path ${path} is outside of the workspace.`, {
      help: "Choose a folder inside the workspace.",
    });
  if (!(await environment.makeFolder(target, workspace)))
    throw new SluiceError(
      "workflow-unsupported",
      `The checkout path ${path} leads outside of the workspace through a link.`,
    );
  return target;
}

/** A checkout starts with an empty folder; `clean: false` keeps one that is already a checkout. */
async function clear(environment: Environment, target: string, clean: boolean): Promise<void> {
  const names = await environment.names(target);
  if (!clean && names.includes(".git")) return;
  await environment.remove(names.map((name) => join(target, name)));
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

async function setOutputs(
  { job, effects }: StepExecution,
  git: Git,
  options: CheckoutOptions,
  folder: string,
): Promise<void> {
  effects.setOutput("ref", options.ref === "" ? job.assignment.source.ref : options.ref);
  const [repository] = await git.environment.stat([join(folder, ".git")]);
  const commit =
    repository === undefined ? undefined : await git.answer(["rev-parse", "--verify", "--quiet", "HEAD"], folder);
  if (commit !== undefined) effects.setOutput("commit", commit);
}

function depthOf(text: string): number {
  if (text.trim() === "") return 1;
  const depth = Number(text);
  if (!Number.isInteger(depth) || depth < 0)
    throw new SluiceError(
      "workflow-schema",
      `fetch-depth is "${text}", but must be a whole number; 0 means the whole history.`,
    );
  return depth;
}

function isTrue(text: string | undefined): boolean {
  return text?.trim().toLowerCase() === "true";
}
