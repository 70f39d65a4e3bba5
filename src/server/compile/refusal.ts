import type { Compilation } from "../../dialect/index.ts";
import type { ErrorCode } from "../../model/index.ts";
import type { CompilerLimits } from "./compiler.ts";
import type { Outcome } from "./thread.ts";

/**
 * Why a file has no plan: what happened to the thread that read it, the size of its plan, what the files before it used
 * up, or a bug of ours.
 */
export type Reason = Exclude<Outcome, "end"> | "characters" | "jobs" | "event" | Error;

/** A file without a plan, with the reason as a diagnostic. */
export function refusal(file: string, reason: Reason, limits: CompilerLimits): Compilation {
  const { code, message, help } = wordsFor(reason, limits);
  return {
    file,
    diagnostics: [{ file, line: 1, column: 1, endLine: 1, endColumn: 1, severity: "error", code, message, help }],
  };
}

function wordsFor(
  reason: Reason,
  limits: CompilerLimits,
): { readonly code: ErrorCode; readonly message: string; readonly help: string } {
  if (reason instanceof Error)
    return {
      code: "internal",
      message: `Cannot compile the file: ${reason.message}.`,
      help: "This is a bug in Sluice: please report it with the file.",
    };
  switch (reason) {
    case "time":
      return limit(
        `Compiling the file took more than ${limits.each / 1000} s of CPU time, or all files of the event more than ${limits.all / 1000} s.`,
        "Find patterns, matrices or expressions that multiply, and make them smaller.",
      );
    case "memory":
      return limit(
        `Compiling the file took more than ${limits.heap} MB of memory.`,
        "Split it, or make its matrix smaller.",
      );
    case "characters":
      return limit(
        `The plans of the event's workflows are larger than ${limits.size / 1024 / 1024} MiB.`,
        "Split the workflow, make its matrix smaller, or move long scripts into files.",
      );
    case "jobs":
      return limit(
        `The event's workflows have more than ${limits.jobs} jobs.`,
        "Split the workflow, or turn similar jobs into a matrix.",
      );
    case "event":
      return limit(
        `The files before this one used all ${limits.all / 1000} s of CPU time of the event.`,
        "Fix the other files named in the diagnostics.",
      );
    case "crash":
      return {
        code: "internal",
        message: "Compiling the file crashed its thread.",
        help: "This is a bug in Sluice: please report it with the file.",
      };
  }
}

function limit(
  message: string,
  help: string,
): { readonly code: "workflow-limit"; readonly message: string; readonly help: string } {
  return { code: "workflow-limit", message, help };
}
