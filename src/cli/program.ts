import { exitCode, printError } from "./exit.ts";

/**
 * The command line: parses the arguments and runs one command. Sets the exit code instead of exiting, so that all
 * output is flushed.
 */
export async function main(args: readonly string[]): Promise<void> {
  // A reader that stops early (`| head`) is not an error; each command decides when to stop.
  process.stdout.on("error", (error: Error & { readonly code?: string }) => {
    if (error.code !== "EPIPE") throw error;
  });
  const { createProgram } = await import("./commands.ts");
  const program = await createProgram();
  try {
    await program.parseAsync([...args], { from: "user" });
  } catch (error) {
    process.exitCode = exitCode.invalid;
    if (isParserExit(error)) {
      // commander has already printed its message; help and version are not errors.
      if (error.exitCode === 0) process.exitCode = exitCode.success;
      return;
    }
    printError(error);
  }
}

function isParserExit(error: unknown): error is { exitCode: number } {
  return (
    error instanceof Error &&
    "code" in error &&
    typeof error.code === "string" &&
    error.code.startsWith("commander.") &&
    "exitCode" in error
  );
}
