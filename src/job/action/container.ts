import { writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { evaluateTemplate } from "../../expression/index.ts";
import { SluiceError, type Json, type StepAction } from "../../model/index.ts";
import type { Ending } from "../state.ts";
import type { Call } from "./call.ts";
import { findProgram, resolveShell } from "./shell.ts";
import { pluginEnvironment } from "./settings.ts";

type ContainerAction = Extract<StepAction, { type: "container" }>;

/** Images that name the shell itself, as on Woodpecker's local backend. `python` or `node` are not among them: there the commands are still a shell's. */
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

/**
 * Carries out a container step on this machine, as Woodpecker's local backend does: the image names a shell or is
 * ignored, commands are shown as they begin, and a plugin's image is the name of a program.
 */
export function runContainer(call: Call, action: ContainerAction): Promise<Ending> {
  const image = call.text(action.image);
  const commands = action.commands?.map((command) => call.text(command)) ?? [];
  const entrypoint = action.entrypoint?.map((word) => call.text(word)) ?? [];
  const env = settingsOf(call, action);
  const cwd = call.job.folders.workspace;
  const [program, ...args] = entrypoint;
  if (program !== undefined) {
    const file = findProgram(program, call.path);
    if (file === undefined)
      throw new SluiceError("shell-missing", `The entrypoint "${program}" is not installed on this runner.`, {
        help: "Install it, or leave `entrypoint` out.",
      });
    return call.process({
      file,
      args,
      cwd,
      env: { ...env, CI_SCRIPT: Buffer.from(posixScript(commands)).toString("base64") },
    });
  }
  if (commands.length === 0) return runPlugin(call, image, env);
  const shell = shellImages.has(image) ? image : "";
  if (shell === "" && image !== "")
    call.log.notice(
      `The host backend has no containers: the image ${image} is ignored, and the commands run in this machine's own shell.`,
    );
  return runCommands(call, shell, commands, env);
}

function settingsOf(call: Call, action: ContainerAction): Record<string, string> {
  if (action.settings === undefined) return {};
  const contexts = call.contexts();
  const settings: Record<string, Json> = {};
  for (const [key, value] of Object.entries(action.settings))
    settings[key] = evaluateTemplate(value, contexts, call.job.functions);
  return pluginEnvironment(settings);
}

function runCommands(
  call: Call,
  name: string,
  commands: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Ending> {
  const { folders } = call.job;
  const known = name === "" ? resolveShell("", call.path) : undefined;
  const file = known?.file ?? findProgram(name, call.path);
  if (file === undefined)
    throw new SluiceError(
      "shell-missing",
      `The shell "${name}" that the step's image names is not installed on this runner.`,
    );
  const style = basename(file);
  const windows = style === "pwsh" || style === "powershell";
  const script = join(folders.temp, `${call.job.unique()}${windows ? ".ps1" : ".sh"}`);
  writeFileSync(script, scriptFor(style, commands));
  const args = windows
    ? ["-noprofile", "-noninteractive", "-file", script]
    : style === "fish" || style === "nu"
      ? [script]
      : style === "busybox"
        ? ["sh", "-e", script]
        : ["-e", script];
  return call.process({ file, args, cwd: folders.workspace, env });
}

function runPlugin(call: Call, image: string, env: Readonly<Record<string, string>>): Promise<Ending> {
  const file = findProgram(image, call.path);
  if (file === undefined) {
    throw new SluiceError(
      "step-unresolved",
      `The plugin ${image} cannot run on the host backend: there is no program of that name on the PATH.`,
      {
        help: "Install the plugin's program on the runner and name it as the image, or give the step `commands`.",
      },
    );
  }
  return call.process({ file, args: [], cwd: call.job.folders.workspace, env });
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

/** Each command is shown before it runs. `printf`, because some shells' `echo` interprets backslashes. */
function posixScript(commands: readonly string[]): string {
  return commands.map((command) => `printf '%s\\n' ${quote(`+ ${command}`)}\n${command}\n`).join("");
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
