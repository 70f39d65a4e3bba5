import { readYaml } from "../yaml/index.ts";
import type { WorkflowFile } from "../port.ts";
import { readWorkflow } from "./read.ts";
import { blank } from "./substitute.ts";

/**
 * The cron lines that a file's own `when: cron:` filters name. Woodpecker keeps its schedules in the repository's
 * settings and files only name them; a filter that is itself a cron line is a schedule here.
 */
export function schedulesOf(file: WorkflowFile): readonly { readonly cron: string }[] {
  const { document } = readYaml(blank(file.text, file.path).text, file.path);
  if (document === undefined) return [];
  const { when, steps } = readWorkflow(document.root);
  const named = [...when, ...steps.flatMap((step) => step.when)].flatMap(({ cron }) => cron.include.map(({ pattern }) => pattern.trim()));
  return [...new Set(named)].filter((text) => cronLine.test(text)).map((cron) => ({ cron }));
}

/** Five fields, or a nickname. */
const cronLine = /^(?:@(?:yearly|annually|monthly|weekly|daily|midnight|hourly)|[\d*][\d*/,-]*(?:[ \t]+[\dA-Za-z*][\dA-Za-z*/,#-]*){4})$/;
