import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join, resolve } from "node:path";
import { SluiceError } from "../../model/index.ts";

/** How a script is started: the program, its arguments, and what is put around the text. */
export interface ShellCommand {
  readonly file: string;
  /** `{0}` stands for the script's path. */
  readonly args: readonly string[];
  readonly extension: string;
  wrap(script: string): string;
}

interface Shell {
  readonly args: readonly string[];
  readonly extension: string;
  readonly wrap?: (script: string) => string;
  /** Names to look for, in this order; the shell's own when absent. */
  readonly programs?: readonly string[];
}

const powershell: Shell = {
  args: ["-command", ". '{0}'"],
  extension: ".ps1",
  // Stop at the first error of PowerShell's own, and hand on the code of the last program.
  wrap: (script) =>
    `$ErrorActionPreference = 'stop'\n${script}\nif (Test-Path -LiteralPath variable:\\LASTEXITCODE) { exit $LASTEXITCODE }\n`,
};

/** The shells that are known by name: https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsshell */
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
 * Finds out how to run a script with the shell that the author wrote: a known name, a template with `{0}`, or nothing.
 * @throws SluiceError `shell-missing` when it is not installed, `workflow-unsupported` when a template has no `{0}`.
 */
export function resolveShell(written: string, path: string): ShellCommand {
  if (written === "") {
    const bash = findProgram("bash", path);
    return { file: bash ?? installed("sh", ["sh"], path), args: ["-e", "{0}"], extension: ".sh", wrap: asIs };
  }
  const known = shells.get(written);
  if (known !== undefined)
    return {
      file: installed(written, known.programs ?? [written], path),
      args: known.args,
      extension: known.extension,
      wrap: known.wrap ?? asIs,
    };
  const [program = "", ...args] = splitCommand(written);
  if (!args.some((arg) => arg.includes("{0}"))) {
    throw new SluiceError(
      "workflow-unsupported",
      `The shell "${written}" is neither known nor has it a {0} where the script's path belongs.`,
      {
        help: `Use ${[...shells.keys()].join(", ")}, or a command such as \`perl {0}\`.`,
      },
    );
  }
  const like = shells.get(program);
  return {
    file: installed(program, [program], path),
    args,
    extension: like?.extension ?? "",
    wrap: like?.wrap ?? asIs,
  };
}

/** A program by name in a search path, or by path; undefined when there is none that may be run. */
export function findProgram(name: string, path: string): string | undefined {
  if (name.includes("/")) return isProgram(name) ? resolve(name) : undefined;
  if (name === "") return undefined;
  for (const folder of path.split(delimiter)) {
    if (!isAbsolute(folder)) continue;
    const file = join(folder, name);
    if (isProgram(file)) return file;
  }
  return undefined;
}

/** Splits a command line into words, with quotes and backslashes as a shell has them, and nothing else of a shell. */
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

function installed(shell: string, programs: readonly string[], path: string): string {
  for (const name of programs) {
    const file = findProgram(name, path);
    if (file !== undefined) return file;
  }
  if (programs.includes("node")) return process.execPath;
  throw new SluiceError("shell-missing", `The shell "${shell}" is not installed on this runner.`, {
    help: `Install ${programs.join(" or ")} so that it is on the PATH of the runner, or use another shell.`,
  });
}

function isProgram(file: string): boolean {
  try {
    // A stat first: it says "no" without an exception, and most folders of a search path say no.
    if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) return false;
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    // It may not be run, or the folder may not be entered: a search path often names some of other users.
    return false;
  }
}

function asIs(script: string): string {
  return script;
}
