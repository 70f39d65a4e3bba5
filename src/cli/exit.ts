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
    process.stderr.write(`sluice: ${error.message} [${error.code}]\n${error.help === "" ? "" : `  help: ${error.help}\n`}`);
    return;
  }
  const stack = error instanceof Error && error.stack !== undefined ? error.stack : messageOf(error);
  process.stderr.write(`sluice: this is a defect, please report it: ${stack}\n`);
}
