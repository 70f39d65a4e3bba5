import { SluiceError, messageOf } from "../model/index.ts";

/** The exit codes of the process. */
export const exitCode = {
  success: 0,
  /** The run failed, or lint found errors. */
  failure: 1,
  /** The command line, the configuration or a workflow is invalid. */
  invalid: 2,
  interrupted: 130,
} as const;

/** Prints an error for people: what happened and what to do; a stack trace only for a bug of ours. */
export function printError(error: unknown): void {
  if (error instanceof SluiceError) {
    process.stderr.write(
      `sluice: ${error.message} [${error.code}]\n${error.help === "" ? "" : `  help: ${error.help}\n`}`,
    );
    return;
  }
  if (isRefusal(error)) {
    process.stderr.write(
      `sluice: cannot use ${error.path}: ${error.message}\n  help: Check the path and its permissions.\n`,
    );
    return;
  }
  const stack = error instanceof Error && error.stack !== undefined ? error.stack : messageOf(error);
  process.stderr.write(`sluice: this is a bug, please report it: ${stack}\n`);
}

/** System errors about a file or folder that the command line or the configuration names: not a bug in the program. */
const refusals = new Set([
  "EACCES",
  "EEXIST",
  "EISDIR",
  "ELOOP",
  "ENAMETOOLONG",
  "ENOENT",
  "ENOTDIR",
  "EPERM",
  "EROFS",
]);

function isRefusal(error: unknown): error is Error & { readonly code: string; readonly path: string } {
  return (
    error instanceof Error &&
    "code" in error &&
    typeof error.code === "string" &&
    refusals.has(error.code) &&
    "path" in error &&
    typeof error.path === "string"
  );
}
