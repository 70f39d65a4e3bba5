/** The clock on the wall of a time zone. Times on the wall are kept as if they were UTC, in milliseconds. */
export class Zone {
  readonly #format: Intl.DateTimeFormat | undefined;

  /** Throws a RangeError when there is no such zone. */
  constructor(name: string) {
    this.#format =
      name === "UTC" ? undefined : new Intl.DateTimeFormat("en-US", { timeZone: name, timeZoneName: "longOffset" });
  }

  /** How far the wall is ahead of UTC at an instant, in milliseconds. */
  offset(instant: number): number {
    if (this.#format === undefined) return 0;
    const [, sign, hours = "0", minutes = "0", seconds = "0"] =
      /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(this.#format.format(instant)) ?? [];
    const ahead = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
    return sign === "-" ? -ahead : ahead;
  }

  /**
   * The only instant between `from` and `to` at which the wall is put forward or back, with the offsets before and from it
   * on. Undefined where there is none. The two are some days apart at most, in which no zone changes twice.
   */
  change(
    from: number,
    to: number,
  ): { readonly at: number; readonly before: number; readonly after: number } | undefined {
    const before = this.offset(from);
    const after = this.offset(to);
    if (before === after) return undefined;
    let low = from;
    let high = to;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.offset(middle) === before) low = middle;
      else high = middle;
    }
    return { at: high, before, after };
  }
}

const known = new Map<string, Zone>();

/** The zone of that name; making one is slow, and there are some hundreds at most. Throws a RangeError when there is none. */
export function zoneOf(name: string): Zone {
  const zone = known.get(name) ?? new Zone(name);
  known.set(name, zone);
  return zone;
}

/** True for a name of the IANA list, such as `Europe/Berlin`, and for UTC. */
export function isTimeZone(name: string): boolean {
  // Intl takes offsets such as +01:00, too, which know nothing of summer time.
  if (!/^[A-Za-z][\w+/-]{0,63}$/.test(name)) return false;
  try {
    zoneOf(name);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
