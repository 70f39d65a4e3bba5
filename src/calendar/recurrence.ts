import type { CronFields } from "./cron.ts";
import { zoneOf, type Zone } from "./zone.ts";

const minuteMs = 60_000;
const dayMs = 86_400_000;
/** No zone is farther from UTC than this, with room to spare. */
const reach = 26 * 3_600_000;
/**
 * Every existing day recurs within 40 years: for example 29 February on a given day of the week, across the year 2100.
 */
const farthest = 41 * 366;

/**
 * The instants at which a cron line is due in a time zone.
 *
 * When clocks change, a line with fixed hours is due once for each of its times: a skipped time at the moment of the
 * jump, a repeated time on its first occurrence. A line for every hour follows elapsed time: nothing is caught up, and
 * both repeated hours count. Debian's cron does the same.
 */
export class Recurrence {
  readonly #fields: CronFields;
  readonly #zone: Zone;
  /** The times of a day, in milliseconds from its start. */
  readonly #times: readonly number[];
  readonly #everyHour: boolean;

  /** Throws a RangeError if the time zone does not exist. */
  constructor(fields: CronFields, timeZone = "UTC") {
    this.#fields = fields;
    this.#zone = zoneOf(timeZone);
    this.#everyHour = fields.hours.size === 24;
    const minutes = ascending(fields.minutes);
    this.#times = ascending(fields.hours).flatMap((hour) => minutes.map((minute) => (hour * 60 + minute) * minuteMs));
  }

  /** The first instant after the given one. */
  next(after: number): number {
    return this.#seek(after, 1);
  }

  /** The last instant before the given one. */
  previous(before: number): number {
    return this.#seek(before, -1);
  }

  /**
   * Goes day by day, starting one day early. When clocks go back over midnight, the instants of two days interleave, so
   * the day after the first match is checked as well.
   */
  #seek(from: number, step: 1 | -1): number {
    const first = Math.floor((from + this.#zone.offset(from)) / dayMs) - step;
    let found: number | undefined;
    for (let day = first; Math.abs(day - first) <= farthest; day = this.#following(day, step)) {
      const instants = this.#instantsOf(day);
      const nearest =
        step === 1 ? instants.find((instant) => instant > from) : instants.findLast((instant) => instant < from);
      if (found !== undefined) return nearest === undefined ? found : step * (nearest - found) < 0 ? nearest : found;
      found = nearest;
    }
    if (found !== undefined) return found;
    throw new RangeError("The cron line does not occur within 40 years.");
  }

  /** The next day that can have instants; skips whole months. */
  #following(day: number, step: 1 | -1): number {
    const next = new Date((day + step) * dayMs);
    if (this.#fields.months.has(next.getUTCMonth() + 1)) return day + step;
    const edge =
      step === 1
        ? Date.UTC(next.getUTCFullYear(), next.getUTCMonth() + 1, 1)
        : Date.UTC(next.getUTCFullYear(), next.getUTCMonth(), 0);
    return edge / dayMs;
  }

  /** The instants of one local day, ascending; days count from 1970. */
  #instantsOf(day: number): readonly number[] {
    const start = day * dayMs;
    const date = new Date(start);
    if (!this.#fields.isDay(date.getUTCMonth() + 1, date.getUTCDate(), date.getUTCDay())) return [];
    const change = this.#zone.change(start - reach, start + dayMs + reach);
    if (change === undefined) {
      const offset = this.#zone.offset(start);
      return this.#times.map((time) => start + time - offset);
    }
    const instants = this.#times.flatMap((time) => {
      const early = start + time - change.before;
      const late = start + time - change.after;
      const valid = [...(early < change.at ? [early] : []), ...(late >= change.at ? [late] : [])];
      if (this.#everyHour) return valid;
      return valid.length === 0 ? [change.at] : valid.slice(0, 1);
    });
    return [...new Set(instants)].toSorted((a, b) => a - b);
  }
}

function ascending(values: ReadonlySet<number>): readonly number[] {
  return [...values].toSorted((a, b) => a - b);
}
