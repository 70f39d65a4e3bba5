import { basename, join } from "node:path";
import { evaluateTemplate } from "../../expression/index.ts";
import { SluiceError, type StepAction } from "../../model/index.ts";
import type { Ending } from "../state.ts";
import type { StepExecution } from "./execution.ts";
import { pluginEnvironment } from "./settings.ts";
import { usualShell } from "./shell.ts";

type ContainerAction = Extract<StepAction, { type: "container" }>;

interface ContainerStep {
  readonly image: string;
  readonly entrypoint: readonly string[];
  /** Absent for a plugin. */
  readonly commands: readonly string[] | undefined;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Images that name the shell itself, as in Woodpecker's local backend. `python` and `node` are not among them: their
 * commands are still for a shell.
 */
const shellImages = new Set([
  "sh",
  "bash",
  "zsh",
  "dash",
  "ash",
  "ksh",
  "mksh",
  "busybox",
  "fish",
  "nu",
  "pwsh",
  "powershell",
]);

/** Runs a Woodpecker step: commands, or a plugin, in its image; without images on the machine itself. */
export async function runContainer(execution: StepExecution, action: ContainerAction): Promise<Ending> {
  const commands = action.commands === undefined ? [] : await execution.texts(action.commands);
  const step: ContainerStep = {
    image: await execution.text(action.image),
    entrypoint: await execution.texts(action.entrypoint ?? []),
    commands: commands.length === 0 ? undefined : commands,
    env: await settingsOf(execution, action),
  };
  return execution.job.environment.capabilities.images
    ? runInImage(execution, step, action.privileged === true)
    : runWithoutImages(execution, step);
}

async function settingsOf(execution: StepExecution, { settings }: ContainerAction): Promise<Record<string, string>> {
  if (settings === undefined) return {};
  const contexts = execution.contexts();
  const values = await execution.job.evaluate((functions) =>
    Object.entries(settings).map(([key, value]) => [key, evaluateTemplate(value, contexts, functions)] as const),
  );
  return pluginEnvironment(Object.fromEntries(values));
}

/** Passes the commands to the image's shell in a variable, as in Woodpecker: nothing needs to be mounted. */
const inImage = ["/bin/sh", "-c", "echo $CI_SCRIPT | base64 -d | /bin/sh -e"];

function runInImage(
  execution: StepExecution,
  { image, entrypoint, commands, env }: ContainerStep,
  privileged: boolean,
): Promise<Ending> {
  const own = commands === undefined ? [] : inImage;
  const [program, ...args] = entrypoint.length > 0 ? entrypoint : own;
  return execution.run({
    description: {
      kind: commands === undefined ? "plugin" : "commands",
      name: execution.name,
      lines: commands ?? [],
    },
    image: { image, env: {}, ports: [], volumes: [], privileged },
    ...(program === undefined ? {} : { program }),
    args,
    cwd: execution.job.environment.folders.workspace,
    env: commands === undefined ? env : { SHELL: "/bin/sh", ...env, CI_SCRIPT: encoded(commands) },
  });
}

/**
 * As in Woodpecker's local backend: the image names a shell or is ignored, commands are shown as they start, and a
 * plugin's image is the name of a program.
 */
async function runWithoutImages(execution: StepExecution, step: ContainerStep): Promise<Ending> {
  const { image, entrypoint, commands } = step;
  if (entrypoint.length > 0) return runEntrypoint(execution, step);
  if (commands === undefined) return runPlugin(execution, step);
  const shell = shellImages.has(image) ? image : "";
  if (shell === "" && image !== "")
    execution.log.notice(
      `The host backend has no containers: it ignores the image ${image} and runs the commands in this machine's own shell.`,
    );
  return runCommands(execution, shell, commands, step.env);
}

async function runEntrypoint(
  execution: StepExecution,
  { entrypoint: [name = "", ...args], commands = [], env }: ContainerStep,
): Promise<Ending> {
  const { environment } = execution.job;
  const program = await environment.find([name], execution.path);
  if (program === undefined)
    throw new SluiceError("shell-missing", `The entrypoint "${name}" is not installed on this runner.`, {
      help: "Install it, or remove `entrypoint`.",
    });
  return execution.run({
    description: { kind: "commands", name: execution.name, lines: commands },
    program,
    args,
    cwd: environment.folders.workspace,
    env: { ...env, CI_SCRIPT: encoded(commands) },
  });
}

async function runCommands(
  execution: StepExecution,
  name: string,
  commands: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Ending> {
  const { environment } = execution.job;
  const { folders } = environment;
  const program =
    name === "" ? await usualShell(environment, execution.path) : await environment.find([name], execution.path);
  if (program === undefined)
    throw new SluiceError(
      "shell-missing",
      `The shell "${name}", named by the step's image, is not installed on this runner.`,
    );
  const style = basename(program);
  const windows = style === "pwsh" || style === "powershell";
  const script = join(folders.temp, `${execution.job.unique()}${windows ? ".ps1" : ".sh"}`);
  await environment.write([{ path: script, content: scriptFor(style, commands) }]);
  const args = windows
    ? ["-noprofile", "-noninteractive", "-file", script]
    : style === "fish" || style === "nu"
      ? [script]
      : style === "busybox"
        ? ["sh", "-e", script]
        : ["-e", script];
  return execution.run({
    description: { kind: "commands", name: execution.name, lines: commands },
    program,
    args,
    cwd: folders.workspace,
    env,
  });
}

async function runPlugin(execution: StepExecution, { image, env }: ContainerStep): Promise<Ending> {
  const { environment, ports } = execution.job;
  const program = await environment.find([image], execution.path);
  if (program === undefined) {
    throw new SluiceError(
      "step-unresolved",
      `The plugin ${image} cannot run on the ${ports.backend.name} backend: no program with that name is on the PATH.`,
      {
        help: "Install the plugin's program on the runner and use its name as the image, or give the step `commands`.",
      },
    );
  }
  return execution.run({
    description: { kind: "plugin", name: execution.name, lines: [] },
    program,
    args: [],
    cwd: environment.folders.workspace,
    env,
  });
}

function encoded(commands: readonly string[]): string {
  return Buffer.from(posixScript(commands)).toString("base64");
}

function scriptFor(style: string, commands: readonly string[]): string {
  switch (style) {
    case "pwsh":
    case "powershell":
      return `$ErrorActionPreference = "Stop"\n${commands.map((command) => `Write-Output '+ ${command.replaceAll("'", "''")}'\n${command}\n`).join("")}`;
    case "fish":
      return commands
        .map((command) => `printf '%s\\n' ${quote(`+ ${command}`)}\n${command}\nor exit $status\n`)
        .join("");
    default:
      return posixScript(commands);
  }
}

/** Shows each command before it runs. `printf`, because some shells' `echo` interprets backslashes. */
function posixScript(commands: readonly string[]): string {
  return commands.map((command) => `printf '%s\\n' ${quote(`+ ${command}`)}\n${command}\n`).join("");
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
