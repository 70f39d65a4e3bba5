import { createHash } from "node:crypto";
import { parseCron, Recurrence } from "../../calendar/index.ts";
import type { Schedules } from "../../dialect/index.ts";
import { type Diagnostic, SluiceError } from "../../model/index.ts";
import type { ScheduleRow } from "../../store/index.ts";

/** A workflow that has a schedule's line, and where. */
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

/** How many problems of one repository are kept. */
const problemsKept = 20;

/** Puts equal lines together, for they are due together, and leaves out what is over the limit. */
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
  const message = `The repository has ${groups.length} schedules, and ${limit} are allowed: this one and those after it are never due.`;
  const tooMany: Diagnostic = {
    file,
    line,
    column,
    endLine: line,
    endColumn: column,
    severity: "error",
    code: "workflow-schedule",
    message,
    help: "Let workflows share lines, or remove some.",
  };
  return { groups: groups.slice(0, limit), problems: [tooMany, ...problems] };
}

/** One schedule and how far it has been dealt with. Times in milliseconds since 1970. */
export class ScheduleEntry implements ScheduleGroup {
  readonly id: string;
  readonly cron: string;
  readonly timeZone: string;
  readonly workflows: readonly Place[];
  /** When it is to be looked at next. */
  wakeAt: number;
  /** Why the last due time started nothing. */
  note: string | undefined;
  readonly #recurrence: Recurrence;
  /** The last due time that was dealt with, or since when it is known. */
  #handled: number;

  constructor(group: ScheduleGroup, row: ScheduleRow, now: number, lateness: number) {
    const parsed = parseCron(group.cron);
    if ("problem" in parsed)
      throw new SluiceError(
        "internal",
        `The cron line ${group.cron} was accepted, and cannot be read: ${parsed.problem.message}`,
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

  /** The latest due time up to now that has not been dealt with; those before it are passed over with it, and one that is too late as well. */
  missed(now: number, lateness: number): number | undefined {
    const latest = this.#recurrence.previous(now + 1);
    return latest > this.#handled && latest >= now - lateness ? latest : undefined;
  }

  handled(due: number): void {
    this.#handled = Math.max(this.#handled, due);
  }
}
