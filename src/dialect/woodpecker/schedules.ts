import { parseCron } from "../../calendar/index.ts";
import { readYaml } from "../yaml/index.ts";
import type { ScheduleLine, WorkflowFile } from "../port.ts";
import { workflowName } from "./path.ts";
import { readWorkflow } from "./read.ts";
import { blank } from "./substitute.ts";
import { isCronLine, type Pattern } from "./when.ts";
import type { Workflow } from "./workflow.ts";

/**
 * The cron lines in a file's own `when: cron:` filters. Woodpecker keeps its schedules in the repository's settings and
 * files only name them; here a filter that is itself a cron line is a schedule, in UTC.
 */
export function schedulesOf(file: WorkflowFile): readonly ScheduleLine[] {
  const { text, map, diagnostics } = blank(file.text, file.path);
  const { document } = readYaml(text, file.path);
  if (document === undefined || diagnostics.length > 0) return [];
  const name = workflowName(file.path);
  const lines = new Map(cronLinesOf(readWorkflow(document.root)).map(({ pattern, span }) => [pattern.trim(), span]));
  return [...lines]
    .filter(([cron]) => "fields" in parseCron(cron))
    .map(([cron, span]) => {
      const [line, column] = map.place(span.start);
      return { cron, timeZone: "UTC", name, line, column };
    });
}

/** The filters of a workflow and its steps that are cron lines, valid or not. */
export function cronLinesOf({ when, steps }: Workflow): readonly Pattern[] {
  return [...when, ...steps.flatMap((step) => step.when)].flatMap(({ cron }) =>
    cron.include.filter(({ pattern }) => isCronLine(pattern)),
  );
}
