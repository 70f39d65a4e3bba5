import { hasErrors, type Diagnostic, type Event } from "../model/index.ts";
import { choose, replacedFiles } from "./choose.ts";
import { mentionsCron } from "./cron-mention.ts";
import { isCronLine, woodpecker } from "./woodpecker/index.ts";
import type { DialectFrontEnd, ScheduleLine, WorkflowFile } from "./port.ts";

/** The schedules in a commit's workflow files. */
export interface Schedules {
  readonly lines: readonly (ScheduleLine & { readonly file: string })[];
  /**
   * Why schedules are unknown or never run: an error in a cron line, or the first error of a file that cannot be read.
   */
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads the cron lines of a commit's workflow files, in order. Never throws because of a file. */
export function readSchedules(files: readonly WorkflowFile[]): Schedules {
  const found = files.map(scheduleReaderFor(files));
  return { lines: found.flatMap(({ lines }) => lines), diagnostics: found.flatMap(({ diagnostics }) => diagnostics) };
}

/** Reads the files one at a time. */
export function scheduleReaderFor(files: readonly WorkflowFile[]): (file: WorkflowFile) => Schedules {
  const isReplaced = replacedFiles(files);
  return (file) => (mentionsCron(file) && !isReplaced(file) ? readFile(file) : { lines: [], diagnostics: [] });
}

function readFile(file: WorkflowFile): Schedules {
  const { frontEnd, diagnostics } = choose(file);
  if (frontEnd === undefined)
    return { lines: [], diagnostics: diagnostics.filter((each) => each.severity === "error").slice(0, 1) };
  const lines = frontEnd.schedules(file).map((line) => ({ ...line, file: file.path }));
  const errors = frontEnd.lint(file).filter((each) => hasErrors([each]));
  const scheduling = errors.filter(({ code }) => code === "workflow-schedule");
  return { lines, diagnostics: lines.length > 0 || scheduling.length > 0 ? scheduling : errors.slice(0, 1) };
}

/**
 * Which front ends a due schedule concerns. In Woodpecker, a workflow without an event filter starts on every schedule
 * of the repository: that is, of Woodpecker's own files, not of another dialect. The other dialects compare the line
 * themselves. A schedule that is not a cron line is a name, as in Woodpecker's settings.
 */
export function hearing(files: readonly WorkflowFile[], event: Event): (frontEnd: DialectFrontEnd) => boolean {
  const { kind, schedule, timeZone = "UTC" } = event;
  if (kind !== "schedule" || schedule === undefined || !isCronLine(schedule)) return () => true;
  let named: boolean | undefined;
  const isNamed = (): boolean =>
    files.some(
      (file) =>
        mentionsCron(file) &&
        choose(file).frontEnd === woodpecker &&
        woodpecker.schedules(file).some((line) => line.cron === schedule && line.timeZone === timeZone),
    );
  return (frontEnd) => frontEnd !== woodpecker || (named ??= isNamed());
}
