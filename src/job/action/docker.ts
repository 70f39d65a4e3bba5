import { isWithin } from "../archive/paths.ts";
import { dirname, resolve } from "node:path";
import { SluiceError, type StepAction } from "../../model/index.ts";
import { NotStarted, type Container } from "../backend/port.ts";
import { requireImages } from "../capabilities.ts";
import type { Ending } from "../state.ts";
import { notStarted, type StepExecution } from "./execution.ts";
import { inputEnvironment, inputsOf, type Inputs } from "./inputs.ts";
import { holds, registerPost, stateEnvironment } from "./javascript.ts";
import type { DockerRuns } from "./manifest.ts";
import { splitCommand } from "./shell.ts";

export interface DockerAction {
  readonly folder: string;
  readonly runs: DockerRuns;
  readonly inputs: Inputs;
}

/** Runs a Docker action in its own image, which can access the job's folders, and registers its post step. */
export async function runDocker(execution: StepExecution, action: DockerAction): Promise<Ending> {
  const { runs, inputs } = action;
  requireImages(execution.job, `The action in ${action.folder} is a container`);
  const contexts = { ...execution.contexts(), inputs };
  const args: string[] = [];
  for (const text of runs.args) args.push(await execution.text(text, contexts));
  const env = { ...inputEnvironment(inputs), GITHUB_ACTION_PATH: action.folder };
  for (const [name, text] of Object.entries(runs.env))
    Object.assign(env, { [name]: await execution.text(text, contexts) });
  let image: Container;
  try {
    image = containerOf(await imageOf(execution, action));
  } catch (error) {
    if (error instanceof NotStarted) return notStarted(error);
    throw error;
  }
  const start = (step: StepExecution, program: string | undefined): Promise<Ending> =>
    runImage(step, { image, program, args, env: { ...env, ...stateEnvironment(execution) } });
  if (runs.pre !== undefined && (await holds(execution, inputs, runs.preIf))) {
    const before = await start(execution, runs.pre);
    if (before.status !== "success") return before;
  }
  const { post } = runs;
  if (post !== undefined) registerPost(execution, { condition: runs.postIf, inputs }, (later) => start(later, post));
  return start(execution, runs.entrypoint);
}

/** Runs `uses: docker://…`. `with` can set `entrypoint` and `args`; all of it reaches the program as inputs. */
export async function runDockerImage(
  execution: StepExecution,
  reference: string,
  action: Extract<StepAction, { type: "uses" }>,
): Promise<Ending> {
  requireImages(execution.job, `${reference} is an image`);
  const { entrypoint = "", args = "", ...inputs } = await inputsOf(execution, action.with, {});
  return runImage(execution, {
    image: containerOf(reference.slice("docker://".length)),
    program: entrypoint === "" ? undefined : entrypoint,
    args: splitCommand(args),
    env: inputEnvironment(inputs),
  });
}

function runImage(
  execution: StepExecution,
  {
    image,
    program,
    args,
    env,
  }: {
    readonly image: Container;
    readonly program: string | undefined;
    readonly args: readonly string[];
    readonly env: Readonly<Record<string, string>>;
  },
): Promise<Ending> {
  return execution.run({
    description: { kind: "plugin", name: execution.name, lines: [image.image] },
    image,
    ...(program === undefined ? {} : { program }),
    args,
    cwd: execution.job.environment.folders.workspace,
    env,
  });
}

async function imageOf({ job, log, signal }: StepExecution, { folder, runs }: DockerAction): Promise<string> {
  if (runs.image.startsWith("docker://")) return runs.image.slice("docker://".length);
  const file = resolve(folder, runs.image);
  if (!isWithin(file, folder))
    throw new SluiceError("step-unresolved", `The Dockerfile ${runs.image} is outside of its action.`);
  return job.environment.buildImage({ folder: dirname(file), file, output: (bytes) => log.write([bytes]), signal });
}

function containerOf(image: string): Container {
  return { image, env: {}, ports: [], volumes: [] };
}
