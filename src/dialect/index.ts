/**
 * From the text of workflow files to plans and diagnostics. One front end per dialect; behind this door
 * nobody needs to know which one a plan came from.
 */
import type { Diagnostic } from "../model/index.ts";
import { dialectOf, dialectOfContent } from "./detect.ts";
import { frontEnds } from "./front-ends.ts";
import { checkWorkflowNeeds } from "./needs.ts";
import type { Compilation, CompileContext, DialectFrontEnd, WorkflowFile } from "./port.ts";
import { readYaml } from "./yaml/index.ts";

export { dialectOf, workflowPaths } from "./detect.ts";
export type { Compilation, CompileContext, DialectFrontEnd, DialectRoom, WorkflowFile } from "./port.ts";

/**
 * Compiles the workflow files of one commit for one event, in the order given, and checks what the
 * workflows need of each other. A file outside the dialects' folders is told by its content. Never throws
 * because of a file.
 */
export function compileAll(files: readonly WorkflowFile[], context: CompileContext): readonly Compilation[] {
  const folder = files.some((file) => file.path.startsWith(".woodpecker/"));
  const compilations = files.map((file) => {
    // As in Woodpecker: a repository that has the folder has no use for the single file any more.
    if (folder && /^\.woodpecker\.ya?ml$/.test(file.path)) return { file: file.path, diagnostics: [], skipped: "the folder .woodpecker/ takes its place" };
    const { frontEnd, diagnostics } = choose(file);
    return frontEnd === undefined ? { file: file.path, diagnostics } : frontEnd.compile(file, context);
  });
  return checkWorkflowNeeds(files, compilations);
}

/** Everything that can be found wrong with one file without an event. */
export function lint(file: WorkflowFile): readonly Diagnostic[] {
  const { frontEnd, diagnostics } = choose(file);
  return frontEnd?.lint(file) ?? diagnostics;
}

/** The cron lines of a file. */
export function schedules(file: WorkflowFile): ReturnType<DialectFrontEnd["schedules"]> {
  return choose(file).frontEnd?.schedules(file) ?? [];
}

interface Choice {
  readonly frontEnd?: DialectFrontEnd;
  /** Why there is none. */
  readonly diagnostics: readonly Diagnostic[];
}

function choose(file: WorkflowFile): Choice {
  const owner = dialectOf(file.path);
  const frontEnd = owner === undefined ? undefined : frontEnds.get(owner);
  if (frontEnd !== undefined) return { frontEnd, diagnostics: [] };
  const { document, diagnostics } = readYaml(file.text, file.path);
  if (document === undefined) return { diagnostics };
  const dialect = dialectOfContent(document.root);
  const told = dialect === undefined ? undefined : frontEnds.get(dialect);
  if (told !== undefined) return { frontEnd: told, diagnostics: [] };
  const unclear = document.diagnostic({ start: 0, end: 0 }, {
    code: "workflow-schema",
    message: "This is no workflow of any dialect.",
    help: "Actions has `on` and `jobs`, Woodpecker `when` and `steps`, the native dialect `triggers` and `steps`.",
  });
  return { diagnostics: [...diagnostics, unclear] };
}
