/**
 * Compiles the text of workflow files to plans and diagnostics. One front end per dialect; nothing behind this room
 * needs to know which dialect a plan came from.
 */
import type { Diagnostic } from "../model/index.ts";
import { workflowSchema } from "./actions/official-schema.ts";
import { choose, replacedFiles } from "./choose.ts";
import { checkWorkflowNeeds } from "./needs.ts";
import { WorkExceeded, Work } from "./pattern/index.ts";
import { dialectOf } from "./places.ts";
import type { Compilation, CompileContext, DialectFrontEnd, WorkflowFile } from "./port.ts";
import { hearing } from "./schedules.ts";
import { makeDiagnostic } from "./yaml/index.ts";

export { planOfAttempt } from "./attempt.ts";
export { isConcerned } from "./concern.ts";
export { mayHaveSchedules, scheduleRef } from "./cron-mention.ts";
export { checkWorkflowNeeds } from "./needs.ts";
export { dialectOf, workflowFiles } from "./places.ts";
export type { Compilation, CompileContext, WorkflowFile } from "./port.ts";
export { readSchedules, scheduleReaderFor, type Schedules } from "./schedules.ts";

/**
 * Compiles the workflow files of one commit for one event, in the given order, and checks what the workflows need of
 * each other. The dialect of a file outside the dialects' folders is detected from its content. Never throws because of
 * a file.
 */
export function compileAll(files: readonly WorkflowFile[], context: CompileContext): readonly Compilation[] {
  return checkWorkflowNeeds(files, files.map(compilerFor(files, context)));
}

/** Compiles the files one at a time; the caller runs `checkWorkflowNeeds`. */
export function compilerFor(
  files: readonly WorkflowFile[],
  context: CompileContext,
): (file: WorkflowFile) => Compilation {
  const isReplaced = replacedFiles(files);
  const concerned = hearing(files, context.event);
  return (file) => {
    if (isReplaced(file)) return { file: file.path, diagnostics: [], skipped: "replaced by the folder .woodpecker/" };
    const { frontEnd, diagnostics } = choose(file);
    if (frontEnd !== undefined && !concerned(frontEnd))
      return { file: file.path, diagnostics: [], skipped: "no workflow of its dialect has the due schedule" };
    return frontEnd === undefined ? { file: file.path, diagnostics } : compileWithin(frontEnd, file, context);
  };
}

function compileWithin(frontEnd: DialectFrontEnd, file: WorkflowFile, context: CompileContext): Compilation {
  try {
    return frontEnd.compile(file, context, new Work());
  } catch (error) {
    if (!(error instanceof WorkExceeded)) throw error;
    const finding = {
      code: "workflow-limit",
      message: "The file's filters and conditions need too much work for this event.",
      help: "Use fewer patterns, or simpler ones.",
    } as const;
    return {
      file: file.path,
      diagnostics: [makeDiagnostic(file.path, { line: 1, column: 1, endLine: 1, endColumn: 1 }, finding)],
    };
  }
}

/**
 * Builds what compiling these files will need of their dialects, ahead of time: useful to whoever still waits for the
 * event.
 */
export function prepareFor(files: readonly WorkflowFile[]): void {
  if (files.some((file) => dialectOf(file.path) === "actions")) workflowSchema();
}

/** Everything wrong with one file that can be found without an event. */
export function lint(file: WorkflowFile): readonly Diagnostic[] {
  const { frontEnd, diagnostics } = choose(file);
  return frontEnd?.lint(file) ?? diagnostics;
}
