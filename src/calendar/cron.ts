import { fieldKinds, readField } from "./field.ts";
import { CronError, type CronProblem } from "./problem.ts";

export type { CronProblem } from "./problem.ts";

/** A parsed cron line. */
export interface CronFields {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  /** Whether it is due on a day: month and day of the month from 1, day of the week from 0 (Sunday). */
  readonly isDay: (month: number, day: number, weekday: number) => boolean;
}

/** Longer than any real line; protects against hostile ones. */
const longest = 256;

const nicknames: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};

/**
 * Parses a cron line: minute, hour, day of the month, month, day of the week, as in crontab(5), or a nickname such as
 * `@daily`. As there, a match of either day field is enough, unless one of them begins with `*`: then both must match.
 * A line that never occurs, such as one for 31 February, is a problem.
 */
export function parseCron(text: string): { readonly fields: CronFields } | { readonly problem: CronProblem } {
  try {
    return { fields: read(text) };
  } catch (error) {
    if (error instanceof CronError) return { problem: error.problem };
    throw error;
  }
}

function read(text: string): CronFields {
  const whole = { start: 0, end: Math.max(text.length, 1) };
  if (text.length > longest)
    throw new CronError({
      message: `The cron line is longer than ${longest} characters.`,
      help: "Use ranges and steps, or several lines.",
      ...whole,
    });
  const found = [...text.matchAll(/[^ \t]+/g)].map((match) => ({ text: match[0], start: match.index }));
  const [first] = found;
  if (first?.text.startsWith("@") === true) return readNickname(text.trim(), whole);
  const [minute, hour, day, month, weekday, ...more] = found;
  if (
    minute === undefined ||
    hour === undefined ||
    day === undefined ||
    month === undefined ||
    weekday === undefined ||
    more.length > 0
  ) {
    const help =
      found.length === 6 || found.length === 7
        ? "Remove the seconds or the year: a schedule runs at most once a minute."
        : "Write minute, hour, day of the month, month and day of the week, for example `0 3 * * *`.";
    throw new CronError({
      message: `A cron line has five fields, not ${found.length === 0 ? "none" : found.length}.`,
      help,
      ...whole,
    });
  }
  const minutes = readField(minute.text, minute.start, fieldKinds[0]);
  const hours = readField(hour.text, hour.start, fieldKinds[1]);
  const days = readField(day.text, day.start, fieldKinds[2]);
  const months = readField(month.text, month.start, fieldKinds[3]);
  const weekdays = new Set([...readField(weekday.text, weekday.start, fieldKinds[4])].map((value) => value % 7));
  const both = day.text.startsWith("*") || weekday.text.startsWith("*");
  const isDay = (inMonth: number, ofMonth: number, ofWeek: number): boolean =>
    months.has(inMonth) &&
    (both ? days.has(ofMonth) && weekdays.has(ofWeek) : days.has(ofMonth) || weekdays.has(ofWeek));
  if (!comes(isDay)) {
    throw new CronError({
      message: "The cron line never occurs: none of its months has such a day.",
      help: "Fix the day of the month, or the month.",
      start: day.start,
      end: month.start + month.text.length,
    });
  }
  return { minutes, hours, months, isDay };
}

function readNickname(text: string, whole: { readonly start: number; readonly end: number }): CronFields {
  const line = nicknames[text.toLowerCase()];
  if (line !== undefined) return read(line);
  const help = /^@every\b/i.test(text)
    ? "Write `*/15 * * * *` for every 15 minutes."
    : `Use one of ${Object.keys(nicknames).join(", ")}, or five fields.`;
  throw new CronError({ message: `Unknown nickname \`${text.slice(0, 40)}\`.`, help, ...whole });
}

/** Whether the calendar has such a day: over time every date, including 29 February, falls on every day of the week. */
function comes(isDay: CronFields["isDay"]): boolean {
  const week = [0, 1, 2, 3, 4, 5, 6];
  return longestMonths.some((length, month) => {
    for (let day = 1; day <= length; day += 1) if (week.some((weekday) => isDay(month + 1, day, weekday))) return true;
    return false;
  });
}

const longestMonths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
