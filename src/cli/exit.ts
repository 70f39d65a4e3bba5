import { SluiceError, messageOf } from "../model/index.ts";

/** What the process's exit code tells. */
export const exitCode = {
  success: 0,
  /** The run failed, or lint found errors. */
  failure: 1,
  /** The call, the configuration or a workflow is invalid. */
  invalid: 2,
  interrupted: 130,
} as const;

/** Prints an error as people need it: what happened and what to do; a stack only for a defect of ours. */
export function printError(error: unknown): void {
  if (error instanceof SluiceError) {
    process.stderr.write(
      `sluice: ${error.message} [${error.code}]\n${error.help === "" ? "" : `  help: ${error.help}\n`}`,
    );
    return;
  }
  if (isRefusal(error)) {
    process.stderr.write(
      `sluice: ${error.path} cannot be used: ${error.message}\n  help: Check the path, and that this user may use it.\n`,
    );
    return;
  }
  const stack = error instanceof Error && error.stack !== undefined ? error.stack : messageOf(error);
  process.stderr.write(`sluice: this is a defect, please report it: ${stack}\n`);
}

/** What the system may say of a file or folder that a call or the configuration leads to: nothing that is wrong with the program. */
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
