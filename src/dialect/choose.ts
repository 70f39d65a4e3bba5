import type { Diagnostic } from "../model/index.ts";
import { dialectOfContent } from "./detect.ts";
import { frontEnds } from "./front-ends.ts";
import { dialectOf } from "./places.ts";
import type { DialectFrontEnd, WorkflowFile } from "./port.ts";
import { readYaml } from "./yaml/index.ts";

interface Choice {
  readonly frontEnd?: DialectFrontEnd;
  /** Why there is none. */
  readonly diagnostics: readonly Diagnostic[];
}

/** The front end of a file, by its path or else by its content. */
export function choose(file: WorkflowFile): Choice {
  const owner = dialectOf(file.path);
  const frontEnd = owner === undefined ? undefined : frontEnds.get(owner);
  if (frontEnd !== undefined) return { frontEnd, diagnostics: [] };
  const { document, diagnostics } = readYaml(file.text, file.path);
  if (document === undefined) return { diagnostics };
  const dialect = dialectOfContent(document.root);
  const known = dialect === undefined ? undefined : frontEnds.get(dialect);
  if (known !== undefined) return { frontEnd: known, diagnostics: [] };
  const unclear = document.diagnostic(
    { start: 0, end: 0 },
    {
      code: "workflow-schema",
      message: "The file is not a workflow of any known dialect.",
      help: "Actions has `on` and `jobs`, Woodpecker `when` and `steps`, the native dialect `triggers` and `steps`.",
    },
  );
  return { diagnostics: [...diagnostics, unclear] };
}

/** As in Woodpecker: a repository with the folder no longer uses the single file. */
export function replacedFiles(files: readonly WorkflowFile[]): (file: WorkflowFile) => boolean {
  const folder = files.some((file) => file.path.startsWith(".woodpecker/"));
  return (file) => folder && /^\.woodpecker\.ya?ml$/.test(file.path);
}
