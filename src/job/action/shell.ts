import { SluiceError } from "../../model/index.ts";
import type { Environment } from "../backend/port.ts";

type Programs = Pick<Environment, "find" | "tool">;

/** How a script is started: the program, its arguments, and the text around the script. */
export interface ShellCommand {
  readonly program: string;
  /** `{0}` stands for the script's path. */
  readonly args: readonly string[];
  readonly extension: string;
  wrap(script: string): string;
}

interface Shell {
  readonly args: readonly string[];
  readonly extension: string;
  readonly wrap?: (script: string) => string;
  /** Names to look for, in order; the shell's own name if absent. */
  readonly programs?: readonly string[];
}

const powershell: Shell = {
  args: ["-command", ". '{0}'"],
  extension: ".ps1",
  // Stop at PowerShell's own first error, and return the exit code of the last program.
  wrap: (script) =>
    `$ErrorActionPreference = 'stop'\n${script}\nif (Test-Path -LiteralPath variable:\\LASTEXITCODE) { exit $LASTEXITCODE }\n`,
};

/**
 * The known shells:
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsshell
 */
const shells: ReadonlyMap<string, Shell> = new Map<string, Shell>(
  Object.entries<Shell>({
    bash: { args: ["--noprofile", "--norc", "-eo", "pipefail", "{0}"], extension: ".sh" },
    sh: { args: ["-e", "{0}"], extension: ".sh" },
    python: { args: ["{0}"], extension: ".py", programs: ["python", "python3"] },
    node: { args: ["{0}"], extension: ".js" },
    pwsh: powershell,
    powershell: { ...powershell, programs: ["powershell", "pwsh"] },
  }),
);

/**
 * Resolves the shell that the author wrote: a known name, a template with `{0}`, or nothing.
 * @throws SluiceError `shell-missing` if it is not installed, `workflow-unsupported` if a template has no `{0}`.
 */
export async function resolveShell(environment: Programs, written: string, path: string): Promise<ShellCommand> {
  if (written === "")
    return { program: await usualShell(environment, path), args: ["-e", "{0}"], extension: ".sh", wrap: asIs };
  const known = shells.get(written);
  if (known !== undefined)
    return {
      program: await installed(environment, written, known.programs ?? [written], path),
      args: known.args,
      extension: known.extension,
      wrap: known.wrap ?? asIs,
    };
  const [program = "", ...args] = splitCommand(written);
  if (!args.some((arg) => arg.includes("{0}"))) {
    throw new SluiceError(
      "workflow-unsupported",
      `The shell "${written}" is unknown and has no {0} for the script's path.`,
      {
        help: `Use ${[...shells.keys()].join(", ")}, or a command such as \`perl {0}\`.`,
      },
    );
  }
  const like = shells.get(program);
  return {
    program: await installed(environment, program, [program], path),
    args,
    extension: like?.extension ?? "",
    wrap: like?.wrap ?? asIs,
  };
}

/** The default shell: bash, else sh. @throws SluiceError `shell-missing`. */
export function usualShell(environment: Programs, path: string): Promise<string> {
  return installed(environment, "sh", ["bash", "sh"], path);
}

/** Splits a command line into words, with a shell's quotes and backslashes but nothing else of a shell. */
export function splitCommand(text: string): readonly string[] {
  const words: string[] = [];
  for (const [word] of text.matchAll(/(?:'[^']*'|"(?:[^"\\]|\\.)*"|\\.|[^\s'"\\]|['"\\])+/gs)) {
    words.push(
      word.replace(
        /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/gs,
        (_all, single?: string, double?: string, escaped?: string) =>
          single ?? double?.replace(/\\(["\\$`])/g, "$1") ?? escaped ?? "",
      ),
    );
  }
  return words;
}

async function installed(
  environment: Programs,
  shell: string,
  programs: readonly string[],
  path: string,
): Promise<string> {
  const found =
    (await environment.find(programs, path)) ??
    (programs.includes("node") ? (await environment.tool("node", path))?.program : undefined);
  if (found !== undefined) return found;
  throw new SluiceError("shell-missing", `The shell "${shell}" is not installed on this runner.`, {
    help: `Install ${programs.join(" or ")} on the runner's PATH, or use another shell.`,
  });
}

function asIs(script: string): string {
  return script;
}
