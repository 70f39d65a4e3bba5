import { createHash } from "node:crypto";
import { parseCron, Recurrence } from "../../calendar/index.ts";
import type { Schedules } from "../../dialect/index.ts";
import { type Diagnostic, SluiceError } from "../../model/index.ts";
import type { ScheduleRow } from "../../store/index.ts";

/** A workflow with a schedule's line, and its place. */
interface Place {
  readonly file: string;
  readonly name: string;
  readonly line: number;
  readonly column: number;
}

/** A cron line in its time zone, with the workflows of one repository that have it. */
export interface ScheduleGroup {
  readonly cron: string;
  readonly timeZone: string;
  readonly workflows: readonly Place[];
}

/** Maximum number of problems kept per repository. */
const problemsKept = 20;

/** Groups equal lines, which are due together, and drops those over the limit. */
export function groupSchedules(
  { lines, diagnostics }: Schedules,
  limit: number,
): { readonly groups: readonly ScheduleGroup[]; readonly problems: readonly Diagnostic[] } {
  const groups = [...Map.groupBy(lines, ({ cron, timeZone }) => `${timeZone} ${cron}`).values()].flatMap((same) => {
    const [first] = same;
    return first === undefined
      ? []
      : [
          {
            cron: first.cron,
            timeZone: first.timeZone,
            workflows: same.map(({ file, name, line, column }) => ({ file, name, line, column })),
          },
        ];
  });
  const problems = diagnostics.slice(0, problemsKept);
  const [beyond] = groups[limit]?.workflows ?? [];
  if (beyond === undefined) return { groups, problems };
  const { file, line, column } = beyond;
  const message = `The repository has ${groups.length} schedules, and the limit is ${limit}: this one and those after it never run.`;
  const tooMany: Diagnostic = {
    file,
    line,
    column,
    endLine: line,
    endColumn: column,
    severity: "error",
    code: "workflow-schedule",
    message,
    help: "Share lines between workflows, or remove some.",
  };
  return { groups: groups.slice(0, limit), problems: [tooMany, ...problems] };
}

/** One schedule and its progress. Times in milliseconds since 1970. */
export class ScheduleEntry implements ScheduleGroup {
  readonly id: string;
  readonly cron: string;
  readonly timeZone: string;
  readonly workflows: readonly Place[];
  /** When to check it next. */
  wakeAt: number;
  /** Why the last due time started nothing. */
  note: string | undefined;
  readonly #recurrence: Recurrence;
  /** The last due time handled, or since when it is known. */
  #handled: number;

  constructor(group: ScheduleGroup, row: ScheduleRow, now: number, lateness: number) {
    const parsed = parseCron(group.cron);
    if ("problem" in parsed)
      throw new SluiceError(
        "internal",
        `The cron line ${group.cron} was accepted earlier but cannot be parsed: ${parsed.problem.message}`,
      );
    this.cron = group.cron;
    this.timeZone = group.timeZone;
    this.workflows = group.workflows;
    this.id = `${row.repositoryId}-${createHash("sha256").update(`${group.timeZone} ${group.cron}`).digest("hex").slice(0, 12)}`;
    this.#recurrence = new Recurrence(parsed.fields, group.timeZone);
    const handled = Math.max(row.since, row.lastDue ?? 0);
    // From a time when the clock was wrong: waiting until it comes again could take years.
    this.#handled = handled > now + lateness ? now : handled;
    this.wakeAt = this.missed(now, lateness) ?? this.nextAt(now);
  }

  nextAt(now: number): number {
    return this.#recurrence.next(now);
  }

  /**
   * The latest due time up to now that has not been handled; earlier ones are skipped with it, and so is one that is
   * too late.
   */
  missed(now: number, lateness: number): number | undefined {
    const latest = this.#recurrence.previous(now + 1);
    return latest > this.#handled && latest >= now - lateness ? latest : undefined;
  }

  handled(due: number): void {
    this.#handled = Math.max(this.#handled, due);
  }
}
