import { relative, sep } from "node:path";
import type { Source } from "../../model/index.ts";
import type { StepExecution } from "../action/execution.ts";
import type { Environment } from "../backend/port.ts";
import { loadBackend } from "../backend/registry.ts";
import { usualLimits } from "../archive/compressed.ts";
import { copyFolder } from "./folder.ts";
import { Git } from "./git.ts";
import type { CheckoutOptions } from "./options.ts";
import { authorization, fetchCommit } from "./remote.ts";

/** The remaining work of a checkout, in its environment. */
type Finish = (git: Git, folder: string) => Promise<void>;

/**
 * Brings the run's commit into a folder of the job's environment, which is empty or a checkout. If the environment
 * cannot do that itself (it has no git, or cannot access the source folder), the checkout is made on the runner's
 * machine and copied in.
 * @throws SluiceError `git-failed`.
 */
export async function bringCommit(
  execution: StepExecution,
  options: CheckoutOptions,
  target: string,
  finish?: Finish,
): Promise<void> {
  const { environment, assignment } = execution.job;
  const { source } = assignment;
  if (environment.capabilities.thisMachine || (source.kind === "git" && (await hasGit(execution))))
    await bring(execution, environment, { source, options, target, finish });
  else await bringStaged(execution, { source, options, target, finish });
}

async function hasGit({ job, path }: StepExecution): Promise<boolean> {
  return (await job.environment.tool("git", path)) !== undefined;
}

interface Checkout {
  readonly source: Source;
  readonly options: CheckoutOptions;
  readonly target: string;
  readonly finish: Finish | undefined;
}

async function bring(
  execution: StepExecution,
  environment: Environment,
  { source, options, target, finish }: Checkout,
): Promise<void> {
  const { masker } = execution.job;
  const auth = source.kind === "git" ? authorization(source.url, options.token, masker) : [];
  const git = await Git.open(execution, environment, auth);
  if (source.kind === "git") await fetchCommit(execution, git, source, options, target);
  else await copyFolder(execution, git, source, options, target);
  await finish?.(git, target);
}

async function bringStaged(execution: StepExecution, checkout: Checkout): Promise<void> {
  const { ports, assignment, environment } = execution.job;
  const machine = await loadBackend("host", { workRoot: ports.workRoot });
  const stage = await machine.open({
    name: assignment.key,
    repository: assignment.repository,
    images: [],
    log: (line) => execution.log.line(line),
    signal: execution.signal,
  });
  try {
    const { workspace } = stage.folders;
    await bring(execution, stage, { ...checkout, target: workspace });
    const entries = (await stage.list(workspace, { hidden: true })).filter((entry) => entry.path !== workspace);
    const files = entries.map(({ path }) => ({ path, name: relative(workspace, path).split(sep).join("/") }));
    await environment.copyIn(stage.copyOut(files, { links: true }), {
      place: (name) => ({ root: checkout.target, path: name }),
      links: "any",
      ...usualLimits,
    });
  } finally {
    await stage.close();
  }
}
